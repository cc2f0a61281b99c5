package org.barnraiser.coordinator.schedule;

import com.google.common.base.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns a {@link Driver} and its {@link PipelineLink}. Everyone else puts events into its mailbox; the
 * thread takes all that are there, and then sends steps for as long as the link is ready and the driver has some.
 *
 * <p>It ends when it is closed or when its pipeline is lost. Every sequence is given back then, at once, and a new plan epoch
 * needs a new loop. Methods may be called from any thread, and but for {@link #close()} none blocks.
 */
public final class PipelineLoop implements SequenceRunner, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PipelineLoop.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final String name;
    private final DriverLimits limits;
    private final Driver driver;
    private final PipelineLink link;
    private final Thread thread;
    private final Mailbox mailbox;
    /** One permit for each sequence that may still be taken in, so that a full queue is known before the thread is asked. */
    private final Semaphore vacancies;
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    /** Touched by the thread alone. */
    private @Nullable DraftLine drafts;
    private volatile PipelineStatistics statistics;
    private volatile boolean closing;
    private volatile boolean flooded;
    /** Why the loop takes no more events; null while it does. */
    private volatile @Nullable String endReason;

    private PipelineLoop(String name, Driver driver, DriverLimits limits, PipelineLink.Opener opener) {
        this.name = name;
        this.limits = limits;
        this.driver = driver;
        statistics = driver.statistics();
        vacancies = new Semaphore(limits.maxSequences());
        // In one turn each sequence comes and is cancelled at most once, and so is each that takes a vacancy meanwhile.
        mailbox = new Mailbox(4 * limits.maxSequences() + 2 * limits.maxStepsInFlight() + 16);
        thread = Thread.ofPlatform().name("pipeline-" + name).daemon().unstarted(this::run);
        link = opener.open(new Inbox());
    }

    /**
     * Opens a link to a pipeline whose stages are loaded and whose caches are empty, and begins to drive it.
     *
     * @param name for the thread and the log
     * @param epoch of the plan
     */
    public static PipelineLoop start(String name, long epoch, DriverLimits limits, PipelineLink.Opener opener) {
        PipelineLoop loop = new PipelineLoop(name, new Driver(epoch, limits, Ticker.systemTicker()), limits, opener);
        loop.thread.start();
        return loop;
    }

    /** The listener is called from the loop's thread. */
    @Override
    public Generation run(ResumableSequence sequence, SequenceListener listener) throws ModelUnavailableException {
        limits.checkRoom(sequence);
        requireRunning();
        if (!vacancies.tryAcquire()) {
            throw Driver.queueFull();
        }
        Submission submission = new Submission(sequence, listener, mailbox::post, vacancies::release);
        if (!mailbox.post(() -> submission.start(driver))) {
            vacancies.release();
            requireRunning();
            throw Driver.queueFull();
        }
        return submission;
    }

    @Override
    public int load() {
        return limits.maxSequences() - vacancies.availablePermits();
    }

    private void requireRunning() throws ModelUnavailableException {
        // On the loop's own thread a loss is known before it is announced to everyone.
        String reason = onOwnThread() ? driver.lostReason().orElse(endReason) : endReason;
        if (reason != null) {
            throw new ModelUnavailableException(reason, Driver.RETRY_AFTER_SECONDS);
        }
    }

    private boolean onOwnThread() {
        return Thread.currentThread().equals(thread);
    }

    /**
     * Sends a real token through every stage. Completes on the loop's thread, so what follows must not block; completes with a
     * {@link ModelUnavailableException} when the pipeline does not answer.
     */
    public CompletableFuture<Void> probe() {
        CompletableFuture<Void> crossed = new CompletableFuture<>();
        try {
            var _ = run(Probe.SEQUENCE, new Probe(crossed));
        } catch (ModelUnavailableException e) {
            crossed.completeExceptionally(e);
        }
        return crossed;
    }

    /**
     * Has a draft model guess from now on, until its link breaks; that costs no answer. Its pipeline has a single stage, which is loaded
     * with the limits of this one, and its caches are empty.
     *
     * @param contextTokens positions that one sequence may use there
     * @param opener opens its link
     * @return completes with the reason when no more guesses come from there
     */
    public CompletionStage<String> draftWith(long epoch, int contextTokens, PipelineLink.Opener opener) {
        CompletableFuture<String> over = new CompletableFuture<>();
        boolean posted = mailbox.post(() -> {
            if (driver.lostReason().isPresent()) {
                over.complete("The pipeline is lost.");
                return;
            }
            endDrafts();
            drafts = new DraftLine(driver, new DraftModel(epoch, limits, contextTokens, Ticker.systemTicker()), opener,
                    mailbox::post);
            drafts.lost().thenAccept(over::complete);
        });
        if (!posted) {
            over.complete("The pipeline takes no draft model now.");
        }
        return over.minimalCompletionStage();
    }

    private void endDrafts() {
        if (drafts != null) {
            drafts.close();
        }
    }

    /** As of the end of the loop's last turn. */
    public PipelineStatistics statistics() {
        return statistics;
    }

    /** Completes with the reason when the pipeline is lost; never when the loop is closed in good order. */
    public CompletionStage<String> lost() {
        return lost.minimalCompletionStage();
    }

    /** Gives every sequence back, and then ends the link. Blocks until that is done, unless a listener calls it. */
    @Override
    public void close() {
        closing = true;
        mailbox.wake();
        if (onOwnThread()) {
            return;
        }
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                log.warn("Pipeline {} did not end within {}", name, CLOSE_TIMEOUT);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closing && driver.lostReason().isEmpty()) {
                turn();
            }
        } catch (InterruptedException _) {
            closing = true;
        } catch (RuntimeException e) {
            log.error("The loop of pipeline {} failed", name, e);
            driver.onPipelineLost("The scheduler failed on this pipeline: " + e.getClass().getSimpleName() + ".");
        } finally {
            finish();
        }
    }

    private void turn() throws InterruptedException {
        DraftLine beside = drafts;
        mailbox.runAll(beside == null
                ? driver.nanosToDeadline()
                : Math.min(driver.nanosToDeadline(), beside.nanosToTurn()));
        if (flooded) {
            driver.onPipelineLost("The pipeline sent far more results than it was sent steps.");
        }
        driver.checkDeadline();
        if (drafts != null) {
            drafts.turn();
        }
        sendSteps();
        statistics = driver.statistics();
    }

    private void sendSteps() {
        try {
            while (link.isReady()) {
                Optional<Step> step = driver.nextStep();
                if (step.isEmpty()) {
                    return;
                }
                link.send(step.get());
            }
        } catch (RuntimeException e) {
            log.warn("The link of pipeline {} failed", name, e);
            driver.onPipelineLost("The link to the pipeline failed.");
        }
    }

    private void finish() {
        driver.onPipelineLost("The model is moving to other machines.");
        String reason = driver.lostReason().orElseThrow();
        endReason = reason;
        mailbox.close();
        endDrafts();
        statistics = driver.statistics();
        try {
            link.close();
        } catch (RuntimeException e) {
            log.warn("The link of pipeline {} could not be closed", name, e);
        }
        if (!closing) {
            log.warn("Pipeline {} is lost: {}", name, reason);
            lost.complete(reason);
        }
    }

    /** What the link calls, from its own threads. */
    private final class Inbox implements PipelineLink.Listener {
        @Override
        public void onResult(StepResult result) {
            if (!mailbox.post(() -> driver.onResult(result))) {
                flooded = true;
            }
        }

        @Override
        public void onReady() {
            mailbox.wake();
        }

        @Override
        public void onBroken(String reason) {
            mailbox.post(() -> driver.onPipelineLost(reason));
        }
    }
}
