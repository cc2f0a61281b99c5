package org.barnraiser.coordinator.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Real loops on real threads, which come and go while many readers ask and change their minds. */
@Timeout(180)
class ReplayStressTest {
    private static final int READERS = 8;
    private static final int ANSWERS_EACH = 25;
    private static final int TAKEOVERS = 60;
    private static final DriverLimits LIMITS = new DriverLimits(READERS, 64, READERS * 64, 16, 3, 8, 60_000);

    private final Generations generations = new Generations(
            new GenerationLimits(LIMITS.contextTokens(), LIMITS.maxSequences(), Duration.ofSeconds(60)));
    private final List<Machines> all = new ArrayList<>();

    /** A pipeline and the loop that drives it. */
    private record Machines(ThreadedPipeline pipeline, PipelineLoop loop) {}

    @AfterEach
    void close_everything() {
        generations.close();
        all.forEach(machines -> machines.loop().close());
    }

    private Machines start() {
        long epoch = all.size() + 1L;
        ThreadedPipeline pipeline = new ThreadedPipeline(epoch, LIMITS);
        Machines machines = new Machines(pipeline, PipelineLoop.start("test", epoch, LIMITS, pipeline::open));
        all.add(machines);
        return machines;
    }

    @Test
    void whatever_comes_and_goes_at_the_same_time_every_answer_is_whole() throws Exception {
        Machines present = start();
        generations.attach(present.loop());
        AtomicInteger reading = new AtomicInteger(READERS);
        List<Future<?>> done = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int reader = 0; reader < READERS; reader++) {
                long firstSeed = 1 + (long) reader * ANSWERS_EACH;
                done.add(threads.submit(() -> {
                    try {
                        for (long seed = firstSeed; seed < firstSeed + ANSWERS_EACH; seed++) {
                            read(seed);
                        }
                    } finally {
                        reading.decrementAndGet();
                    }
                    return null;
                }));
            }
            for (int i = 0; i < TAKEOVERS && reading.get() > 0; i++) {
                Machines next = start();
                takeOver(present, next, threads);
                present = next;
                long tokens = generations.statistics().generatedTokensTotal();
                await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(2)).until(() -> reading.get() == 0
                        || generations.statistics().generatedTokensTotal() > tokens + 3 * READERS);
            }
            for (Future<?> one : done) {
                one.get(120, TimeUnit.SECONDS);
            }
        }
        assertThat(generations.statistics().running() + generations.statistics().paused()).isZero();
        assertThat(generations.statistics().takeoversTotal()).isPositive();
        assertThat(all).allSatisfy(machines -> assertThat(machines.pipeline().breach()).isEmpty());
    }

    /** All ways in which one pipeline follows another, some of them at the same time. */
    private void takeOver(Machines former, Machines next, ExecutorService threads) {
        switch (ThreadLocalRandom.current().nextInt(5)) {
            case 0 -> {
                former.loop().close();
                generations.attach(next.loop());
            }
            case 1 -> {
                threads.execute(former.loop()::close);
                generations.attach(next.loop());
            }
            case 2 -> {
                former.pipeline().listener().onBroken("Worker w2 is gone.");
                generations.attach(next.loop());
            }
            case 3 -> {
                // It goes on computing for nobody.
                generations.detach(former.loop(), "Worker w2 does not answer.");
                generations.attach(next.loop());
            }
            default -> {
                threads.execute(() -> generations.detach(former.loop(), "Worker w2 is gone."));
                threads.execute(() -> former.pipeline().listener().onBroken("Worker w2 is gone."));
                threads.execute(() -> generations.explain("A plan is being made."));
                generations.attach(next.loop());
            }
        }
    }

    private void read(long seed) throws Exception {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int prompt = random.nextInt(1, 30);
        GenerationRequest request = seed % 2 == 0
                ? FakeModel.mirostatRequest(seed, prompt, 30)
                : FakeModel.endlessRequest(seed, prompt, 30);
        Reader reader = new Reader();
        Generation generation = generations.start(request, reader);
        FakeModel.Answer alone = FakeModel.answer(request, LIMITS.contextTokens());
        if (seed % 5 == 0) {
            int heard = random.nextInt(5);
            await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1))
                    .until(() -> reader.tokens().size() >= heard || reader.hasEnded());
            generation.cancel();
        }
        reader.awaitEnd();
        if (reader.ends().getFirst() instanceof GenerationEnd.Cancelled) {
            assertThat(seed % 5).isZero();
            assertThat(alone.tokens().subList(0, reader.tokens().size())).isEqualTo(reader.tokens());
        } else {
            reader.assertHeard(alone);
        }
        assertThat(reader.ends()).hasSize(1);
    }
}
