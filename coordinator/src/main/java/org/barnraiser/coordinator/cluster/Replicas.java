package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.cluster.Phase.Impossible;
import org.barnraiser.coordinator.cluster.Phase.Ready;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.proto.Wish;
import org.barnraiser.proto.WorkerRecord;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

/**
 * The pipelines of one model, each of which has it whole and a life of its own. No machine is for two of them: those that no pipeline uses are
 * for the first one that has none, once those before it answer; while it cannot be made of them, and when none is missing, they are for the one
 * that answers with the fewest, to be added to it or to stand by. Changed on the event loop only.
 */
final class Replicas {
    private final EventLoop loop;
    private ImmutableList<ModelLifecycle> all = ImmutableList.of();
    private ImmutableList<WorkerRecord> registered = ImmutableList.of();
    private ImmutableList<Standing> standings = ImmutableList.of();

    /** What the workers' shares depend on. */
    private record Standing(Class<? extends Phase> phase, ImmutableSet<String> used) {
        static Standing of(ModelLifecycle lifecycle) {
            Phase phase = lifecycle.view().phase();
            return new Standing(phase.getClass(), phase.rollout().stream()
                    .flatMap(rollout -> rollout.workers().stream()).map(WorkerRecord::getIncarnationId)
                    .collect(toImmutableSet()));
        }

        boolean isMissing() {
            return used.isEmpty();
        }

        boolean is(Class<? extends Phase> other) {
            return phase.equals(other);
        }
    }

    Replicas(EventLoop loop) {
        this.loop = loop;
    }

    /** To be called once, before the first event, with at least one. */
    void set(ImmutableList<ModelLifecycle> lifecycles) {
        all = lifecycles;
    }

    /** In order. From any thread. */
    ImmutableList<ModelLifecycle> all() {
        return all;
    }

    /** The one that speaks for the model: that answers if there is one, and otherwise is about to. From any thread. */
    ModelLifecycle spokesman() {
        return all.stream().filter(lifecycle -> lifecycle.view().phase() instanceof Ready).findFirst()
                .or(() -> all.stream().filter(Replicas::isTakingOver).findFirst())
                .or(() -> all.stream().filter(lifecycle -> lifecycle.view().phase().rollout().isPresent()).findFirst())
                .orElse(all.getFirst());
    }

    private static boolean isTakingOver(ModelLifecycle lifecycle) {
        return lifecycle.view().readiness() instanceof Readiness.NotReady(_, _, boolean takingOver) && takingOver;
    }

    /** The one that a worker runs for; else the first. From any thread. */
    ModelLifecycle of(WorkerRecord worker) {
        return all.stream().filter(lifecycle -> lifecycle.view().phase().rollout().stream()
                .anyMatch(rollout -> rollout.uses(worker.getIncarnationId()))).findFirst().orElse(all.getFirst());
    }

    /** Those that answer. From any thread. */
    ImmutableList<Ready> ready() {
        return all.stream().map(lifecycle -> lifecycle.view().phase())
                .flatMap(phase -> phase instanceof Ready ready ? Stream.of(ready) : Stream.of())
                .collect(toImmutableList());
    }

    /** The plans that are carried out, in the order of the pipelines. From any thread. */
    ImmutableList<Rollout> rollouts() {
        return all.stream().flatMap(lifecycle -> lifecycle.view().phase().rollout().stream())
                .collect(toImmutableList());
    }

    /** The registered workers have changed. */
    void onWorkers(ImmutableList<WorkerRecord> workers) {
        registered = workers;
        all.forEach(lifecycle -> lifecycle.onWorkers(workers));
    }

    void onLeadership(boolean leads) {
        all.forEach(lifecycle -> lifecycle.onLeadership(leads));
    }

    /** One of them has changed; then there may be other workers for the others. */
    void onChange() {
        ImmutableList<Standing> now = standings();
        if (all.size() > 1 && !now.equals(standings)) {
            standings = now;
            loop.execute(() -> all.forEach(lifecycle -> lifecycle.onWorkers(registered)));
        }
    }

    private ImmutableList<Standing> standings() {
        return all.stream().map(Standing::of).collect(toImmutableList());
    }

    /** Whether another pipeline than this one answers. */
    boolean isSpare(int index) {
        return IntStream.range(0, all.size()).anyMatch(other -> other != index
                && all.get(other).view().phase() instanceof Ready);
    }

    /** The incarnations of the workers that are not for this pipeline; who is to leave begins no other one while one answers. */
    ImmutableSet<String> elsewhere(int index) {
        if (all.size() == 1) {
            return ImmutableSet.of();
        }
        ImmutableList<Standing> now = standings();
        ImmutableSet<String> own = now.get(index).used();
        ImmutableSet<String> used = now.stream().flatMap(standing -> standing.used().stream())
                .collect(toImmutableSet());
        boolean takesFree = takesFree(index, now);
        boolean spare = isSpare(index);
        return Stream.concat(used.stream(),
                registered.stream().filter(worker -> !takesFree || (spare && worker.getWish() != Wish.WISH_LEND))
                        .map(WorkerRecord::getIncarnationId))
                .filter(incarnation -> !own.contains(incarnation)).collect(toImmutableSet());
    }

    private static boolean takesFree(int index, ImmutableList<Standing> now) {
        int missing = first(now, Standing::isMissing);
        if (now.get(index).isMissing()) {
            return index == missing && now.stream().limit(index).allMatch(before -> before.is(Ready.class));
        }
        int fewest = now.stream().filter(standing -> standing.is(Ready.class))
                .mapToInt(standing -> standing.used().size()).min().orElse(0);
        return index == first(now, standing -> standing.is(Ready.class) && standing.used().size() == fewest)
                && (missing == now.size() || now.get(missing).is(Impossible.class));
    }

    private static int first(ImmutableList<Standing> standings, Predicate<Standing> wanted) {
        return IntStream.range(0, standings.size()).filter(index -> wanted.test(standings.get(index))).findFirst()
                .orElse(standings.size());
    }
}
