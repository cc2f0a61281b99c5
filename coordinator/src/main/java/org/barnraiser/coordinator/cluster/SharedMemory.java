package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.math.LongMath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.StageRecord;
import org.barnraiser.proto.WorkerRecord;

/**
 * What workers lend is shared by all models: what the newest plan of one takes is not there for the next. The plans in ZooKeeper are the
 * only book that is kept of it, so a coordinator that has just come to lead knows as much as the one before. For any thread.
 */
final class SharedMemory {
    private final PlanStore store;
    private final ImmutableList<PipelineKey> pipelines;
    private final Retirement retirement;
    private final ReentrantLock turn = new ReentrantLock(true);

    /** @param pipelines of all hosted models */
    SharedMemory(PlanStore store, List<PipelineKey> pipelines, Unloader unloader) {
        this.store = store;
        retirement = new Retirement(store, Set.copyOf(pipelines), unloader);
        this.pipelines = ImmutableList.copyOf(pipelines);
    }

    /** Lets one pipeline at a time plan, so that no two plans take the same memory; to be closed when the plan is written. Blocks. */
    Turn takeTurn() throws InterruptedException {
        turn.lockInterruptibly();
        return turn::unlock;
    }

    /** While it is open nobody else plans. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Frees what models that nobody hosts any more have left on workers. In turn; blocks on ZooKeeper, and on those workers that answer.
     *
     * @param present those of the workers that answer
     */
    void reclaim(List<WorkerRecord> workers, List<WorkerRecord> present) throws ClusterException {
        retirement.release(workers, present);
    }

    /**
     * Bytes that the plans of all other models take, by incarnation; pipelines of one model share no machines. Blocks on ZooKeeper.
     */
    ImmutableMap<String, Long> takenBeside(PipelineKey pipeline) throws ClusterException {
        Map<String, Long> taken = new HashMap<>();
        for (PipelineKey other : pipelines) {
            if (!other.modelDigest().equals(pipeline.modelDigest())) {
                Optional<PlanRecord> plan = store.read(other.node()).plan();
                plan.ifPresent(record -> record.getPipelinesList().stream()
                        .flatMap(taker -> taker.getStagesList().stream()).forEach(stage -> add(stage, taken)));
            }
        }
        return ImmutableMap.copyOf(taken);
    }

    /** A record may say anything. */
    private static void add(StageRecord stage, Map<String, Long> taken) {
        taken.merge(stage.getIncarnationId(), Math.max(0, stage.getMemoryBytes()), LongMath::saturatedAdd);
    }
}
