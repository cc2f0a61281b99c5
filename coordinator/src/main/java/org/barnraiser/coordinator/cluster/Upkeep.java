package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.barnraiser.coordinator.schedule.PipelineLoop;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.StageBeat;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * What goes on beside a pipeline that answers: stand-bys are made ready, machines that are no longer needed are freed, and a better plan
 * is looked for when machines come, or want to go, and prepared until it only takes a switch. Owned by the event loop, but for
 * {@link #note}, {@link #rates} and {@link #trouble}.
 */
final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    /** A move makes every reader wait a moment; it must be worth it. */
    private static final double MIN_GAIN = 0.2;
    /** No reader notices less, and with steps as short as that a measurement is mostly noise. */
    private static final double MIN_SAVED_MICROS = 2_000;

    private final Tools tools;
    private final Rates rates;
    private final Host host;
    private final Speeds speeds = new Speeds();
    private final BackOff backOff;
    private final RecutCare recuts;
    /** By incarnation. */
    private final Map<String, String> notes = new ConcurrentHashMap<>();
    private volatile String trouble = "";

    private @Nullable Watched watched;
    private ImmutableSet<String> caredFor = ImmutableSet.of();
    /** These three are asked from other threads as well. */
    private volatile @Nullable StandbyCare care;
    private volatile @Nullable Move move;
    private volatile @Nullable CopyCare copies;
    private boolean considering;
    /** For a while after an exchange there is no other one, so that machines of nearly the same speed do not take turns. */
    private boolean resting;
    /** Counts pipelines, so that what was begun for an older one is told from what is begun for this one. */
    private long round;

    /** What it works with. */
    record Tools(EventLoop loop, LoadRequests loads, WorkerChannels channels, ClusterTimings timings,
            Unloader unloader, Vitals vitals, Drafts drafts, Avoidances avoidances, CopyCare.Tools copies,
            Ticker ticker) {}

    private record Watched(Rollout rollout, PipelineLoop pipeline) {}

    /** Who runs the pipeline; called on the event loop. */
    interface Host {
        ImmutableList<WorkerRecord> workers();

        /** Whether other pipelines of the model answer too. */
        boolean isSpare();

        /** The pipeline must not go on. */
        void giveUp(String reason);

        /** Another coordinator has made a plan of this epoch. */
        void onOvertaken(long epoch);

        /** All is prepared for another plan. */
        void switchTo(Proposal proposal);
    }

    Upkeep(Tools tools, Rates rates, Host host) {
        this.rates = rates;
        this.tools = tools;
        this.host = host;
        recuts = new RecutCare(tools.drafts(), tools.timings(), tools.ticker());
        backOff = new BackOff(tools.timings().moveDelay(), tools.timings().avoidance());
    }

    /** What the pipeline does per second. From any thread. */
    Rates rates() {
        return rates;
    }

    /** What a worker is doing, or why it does nothing, in words. From any thread. */
    Optional<String> note(String incarnationId) {
        return Optional.ofNullable(notes.get(incarnationId));
    }

    /** What keeps machines where they are, in words; empty when nothing does. From any thread. */
    String trouble() {
        return trouble;
    }

    /** On how many disks the model is; empty while no pipeline answers. From any thread. */
    Optional<CopyCare.State> copies() {
        CopyCare now = copies;
        return now == null ? Optional.empty() : now.state();
    }

    private boolean isMoving() {
        StandbyCare standbys = care;
        return move != null || (standbys != null && standbys.isAtWork());
    }

    /** A pipeline answers from now on. */
    void begin(Rollout rollout, PipelineLoop pipeline) {
        end();
        watched = new Watched(rollout, pipeline);
        copies = CopyCare.start(tools.copies(), rollout, host.workers(), this::isMoving);
        speeds.restart();
        recuts.begin();
        backOff.reset();
        onWorkers();
    }

    /** The pipeline does not answer any more; what is prepared stays prepared. */
    void end() {
        round++;
        watched = null;
        rates.pause();
        considering = false;
        trouble = "";
        caredFor = ImmutableSet.of();
        stopCare();
        Move begun = move;
        if (begun != null) {
            begun.close();
            move = null;
        }
        CopyCare copying = copies;
        if (copying != null) {
            copying.close();
            copies = null;
        }
    }

    private void stopCare() {
        StandbyCare caring = care;
        if (caring != null) {
            caring.close();
            care = null;
        }
    }

    /** Everybody who has stages of an older plan and is not in this one, those included that were away when it was made. */
    private void freeUnused(Rollout rollout) {
        ImmutableSet<WorkerRecord> unused = Stream.concat(rollout.dismissed().stream(),
                host.workers().stream().filter(worker -> runsStageOf(rollout, worker)))
                .filter(worker -> !rollout.uses(worker.getIncarnationId()))
                .collect(toImmutableSet());
        unused.forEach(worker -> tools.unloader().dismiss(worker, rollout.pipelineId(), rollout.epoch()));
    }

    private boolean runsStageOf(Rollout rollout, WorkerRecord worker) {
        return tools.vitals().beat(worker.getIncarnationId()).map(Beat::getStagesList).stream()
                .flatMap(List::stream)
                .map(StageBeat::getPipelineId)
                .anyMatch(rollout.pipelineId()::equals);
    }

    /** The registered workers, or what they wish, may have changed. */
    void onWorkers() {
        Watched now = watched;
        if (now == null) {
            return;
        }
        Optional<WorkerRecord> reclaimed = stagesWhoWish(now.rollout(), Wish.WISH_RECLAIM).stream().findFirst();
        if (reclaimed.isPresent()) {
            host.giveUp("Worker " + reclaimed.get().getWorkerId() + " is wanted back by its owner.");
            return;
        }
        freeUnused(now.rollout());
        CopyCare copying = copies;
        if (copying != null) {
            copying.onWorkers(host.workers());
        }
        long mine = round;
        tools.loop().schedule(tools.timings().moveDelay(), () -> {
            if (mine == round) {
                considerMove();
            }
        });
    }

    private ImmutableList<WorkerRecord> stagesWhoWish(Rollout rollout, Wish wish) {
        return host.workers().stream()
                .filter(worker -> rollout.uses(worker.getIncarnationId()) && worker.getWish() == wish)
                .collect(toImmutableList());
    }

    private void careForStandbys(Rollout rollout) {
        ImmutableList<WorkerRecord> standbys = host.workers().stream()
                .filter(worker -> !rollout.uses(worker.getIncarnationId()) && worker.getWish() == Wish.WISH_LEND
                        && !tools.drafts().isElsewhere(worker)
                        && !tools.avoidances().now().containsKey(worker.getIncarnationId()))
                .collect(toImmutableList());
        ImmutableSet<String> wanted = standbys.stream().map(WorkerRecord::getIncarnationId).collect(toImmutableSet());
        if (move != null || wanted.equals(caredFor)) {
            return;
        }
        caredFor = wanted;
        notes.keySet().retainAll(wanted);
        stopCare();
        if (standbys.isEmpty()) {
            return;
        }
        long mine = round;
        care = StandbyCare.start(rollout, standbys, tools.vitals().prepared(), tools.loads(), tools.channels(),
                tools.timings().loadStall(), tools.unloader(), new StandbyCare.Listener() {
                    @Override
                    public void onNote(WorkerRecord standby, String note) {
                        notes.put(standby.getIncarnationId(), note);
                    }

                    @Override
                    public void onMeasured(WorkerRecord standby, int stageIndex, long decodeMicros) {
                        tools.loop().execute(() -> {
                            speeds.measured(standby.getIncarnationId(),
                                    rollout.stages().get(stageIndex).layers(), decodeMicros);
                            if (mine == round) {
                                considerMove();
                            }
                        });
                    }
                });
    }

    /** A few times a second. */
    void onTick() {
        Watched now = watched;
        if (now != null) {
            speeds.observe(now.rollout(), now.pipeline().statistics());
            rates.add(now.rollout().epoch(), now.pipeline().statistics());
            recuts.observe(now.pipeline().statistics());
            if (isAtRest()) {
                recuts.look(recut -> {
                    if (isAtRest()) {
                        start(now.rollout(), recut);
                    }
                });
            }
        }
    }

    /** Whether nothing is being moved, nor about to be. */
    private boolean isAtRest() {
        return move == null && !considering && !resting;
    }

    private void considerMove() {
        Watched now = watched;
        if (now == null || move != null || considering) {
            return;
        }
        considering = true;
        long mine = round;
        tools.drafts().draftAtLeisure(drafting -> {
            if (mine == round) {
                considering = false;
                onDrafted(now.rollout(), drafting);
            }
        });
    }

    private void onDrafted(Rollout rollout, Drafting drafting) {
        ImmutableList<WorkerRecord> leaving = stagesWhoWish(rollout, Wish.WISH_LEAVE);
        trouble = "";
        switch (drafting) {
            case Drafting.Drafted(Proposal proposal) when proposal.after() == rollout.epoch() -> {
                if (!proposal.isSameAs(rollout.plan())) {
                    start(rollout, proposal);
                } else {
                    exchangeFor(rollout, proposal);
                }
            }
            case Drafting.NotPossible _ when !leaving.isEmpty() && host.isSpare() -> host.giveUp("Worker "
                    + leaving.getFirst().getWorkerId() + " is to leave; the other pipelines take the answers over.");
            case Drafting.NotPossible(String reason) when !leaving.isEmpty() -> trouble = "Worker "
                    + leaving.getFirst().getWorkerId() + " is to leave, but the model does not fit without it: "
                    + reason;
            case Drafting.Overtaken(long epoch) -> host.onOvertaken(epoch);
            case Drafting.TryAgain(String reason) -> {
                LOG.info("No better plan is looked for now: {}", reason);
                tryLater();
            }
            case Drafting.Drafted _,Drafting.NotPossible _,Drafting.Written _ -> {
            }
        }
        if (watched != null) {
            careForStandbys(rollout);
        }
    }

    private void exchangeFor(Rollout rollout, Proposal proposal) {
        ImmutableList<String> standbys = proposal.standbys().stream().map(WorkerRecord::getIncarnationId)
                .collect(toImmutableList());
        speeds.best(rollout, standbys)
                .filter(exchange -> !resting && exchange.gain() >= MIN_GAIN
                        && exchange.savedMicros() >= MIN_SAVED_MICROS)
                .ifPresent(exchange -> {
                    resting = true;
                    tools.loop().schedule(tools.timings().avoidance(), () -> {
                        resting = false;
                        considerMove();
                    });
                    start(rollout, proposal.exchanging(exchange.stage(), exchange.incarnationId()));
                });
    }

    private void start(Rollout rollout, Proposal proposal) {
        LOG.info("A better plan is being prepared.");
        recuts.onMoved();
        stopCare();
        caredFor = ImmutableSet.of();
        long mine = round;
        move = Move.start(rollout.plan(), proposal, tools.vitals().prepared(), tools.loads(), tools.channels(),
                tools.timings().loadStall(), tools.unloader(), new Move.Listener() {
                    @Override
                    public void onReady(Proposal ready) {
                        post(() -> host.switchTo(ready));
                    }

                    @Override
                    public void onFailed(String reason, Optional<WorkerRecord> culprit) {
                        post(() -> {
                            LOG.info("The better plan is given up: {}", reason);
                            culprit.ifPresent(worker -> tools.avoidances().add(worker.getIncarnationId(), reason));
                            move = null;
                            careForStandbys(rollout);
                            tryLater();
                        });
                    }

                    private void post(Runnable event) {
                        tools.loop().execute(() -> {
                            if (mine == round) {
                                event.run();
                            }
                        });
                    }
                });
        CopyCare copying = copies;
        if (copying != null) {
            copying.giveWay();
        }
    }

    /** The switch did not come about, and what runs goes on. */
    void onNotSwitched() {
        move = null;
        tryLater();
    }

    private void tryLater() {
        long mine = round;
        tools.loop().schedule(backOff.next(), () -> {
            if (mine == round) {
                considerMove();
            }
        });
    }
}
