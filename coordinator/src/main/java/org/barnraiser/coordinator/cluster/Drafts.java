package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.barnraiser.coordinator.plan.Redivision.Seen;
import org.barnraiser.proto.WorkerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * Has plans drafted and written with what is known at the moment, away from the event loop, which owns this and hears what came of it.
 */
final class Drafts {
    private static final Logger LOG = LoggerFactory.getLogger(Drafts.class);

    private final EventLoop loop;
    private final PlanDrafter drafter;
    private final Vitals vitals;
    private final Avoidances avoidances;
    private final Supplier<ImmutableSet<String>> elsewhere;
    private ImmutableList<WorkerRecord> registered = ImmutableList.of();
    /** The newest plan of this coordinator, carried out or not. */
    private Optional<Rollout> newest = Optional.empty();
    /** Of the newest plan that this coordinator knows of, whoever wrote it. */
    private long epoch;

    /** @param elsewhere incarnations that are for other pipelines of the model; asked on the event loop */
    Drafts(EventLoop loop, PlanDrafter drafter, Vitals vitals, Avoidances avoidances,
            Supplier<ImmutableSet<String>> elsewhere) {
        this.elsewhere = elsewhere;
        this.loop = loop;
        this.drafter = drafter;
        this.vitals = vitals;
        this.avoidances = avoidances;
    }

    /** From now on plans are made of these workers, and of those of the newest plan that are not registered but may well be there. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        registered = workers;
    }

    /** Who may be there. */
    ImmutableList<WorkerRecord> workers() {
        ImmutableSet<String> ids = registered.stream().map(WorkerRecord::getWorkerId).collect(toImmutableSet());
        return Stream.concat(registered.stream(),
                newest.stream().flatMap(rollout -> rollout.stages().stream()).map(Rollout.Stage::worker)
                        .filter(worker -> !ids.contains(worker.getWorkerId())))
                .collect(toImmutableList());
    }

    /** Whether a worker is for another pipeline of the model. */
    boolean isElsewhere(WorkerRecord worker) {
        return elsewhere.get().contains(worker.getIncarnationId());
    }

    /** A plan of this coordinator is being carried out. */
    void onWritten(Rollout rollout) {
        newest = Optional.of(rollout);
        epoch = Math.max(epoch, rollout.epoch());
    }

    /** Another coordinator has written a plan; the next one may follow it. */
    void onOvertaken(long otherEpoch) {
        epoch = Math.max(epoch, otherEpoch);
    }

    /** Has a plan made that can be carried out at once. */
    void draftAndWrite(Consumer<Drafting> then) {
        Circumstances circumstances = circumstances(false);
        elsewhere("planning", () -> drafter.draftAndWrite(circumstances), then);
    }

    /** Has a better plan looked for. */
    void draftAtLeisure(Consumer<Drafting> then) {
        Circumstances circumstances = circumstances(true);
        elsewhere("considering", () -> drafter.draft(circumstances), then);
    }

    /** Has a plan written down. */
    void write(Proposal proposal, Consumer<Drafting> then) {
        elsewhere("writing", () -> drafter.write(proposal), then);
    }

    /** Has another cut of the running plan looked for, by what its stages were seen to take. */
    void redivide(ImmutableList<Seen> seen, Consumer<Optional<Recut>> then) {
        Circumstances circumstances = circumstances(true);
        Thread.ofVirtual().name("redividing").start(() -> {
            Optional<Recut> found;
            try {
                found = drafter.redivide(circumstances, seen);
            } catch (ClusterException | RuntimeException e) {
                LOG.info("Whether another cut would be faster is not known: {}", e.toString());
                found = Optional.empty();
            }
            Optional<Recut> recut = found;
            loop.execute(() -> then.accept(recut));
        });
    }

    private Circumstances circumstances(boolean atLeisure) {
        ImmutableList<WorkerRecord> heard = workers().stream()
                .filter(worker -> !vitals.isSilent(worker.getIncarnationId()))
                .collect(toImmutableList());
        return new Circumstances(heard, elsewhere.get(), avoidances.now().keySet(), vitals.prepared(), epoch,
                atLeisure);
    }

    private void elsewhere(String name, Callable<Drafting> work, Consumer<Drafting> then) {
        Thread.ofVirtual().name(name).start(() -> {
            Drafting drafting = result(work);
            loop.execute(() -> then.accept(drafting));
        });
    }

    private static Drafting result(Callable<Drafting> work) {
        try {
            return work.call();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        } catch (Exception e) {
            // Callable declares Exception.
            LOG.error("Planning failed", e);
            return new Drafting.TryAgain("The coordinator failed to make a plan: " + e + ".");
        }
    }
}
