package org.barnraiser.worker.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.worker.stage.StageSettings;

/**
 * The stages that are loaded here: at most one that runs per pipeline, and those that are prepared, which run in none. It
 * also knows the epochs that were seen: an older epoch than one that was seen for a pipeline is refused, also after the
 * stage was unloaded. Whoever takes a stage out closes it. Safe for use by several threads.
 */
final class StageRegistry {
    private static final int MAX_FENCES = 1024;

    private final Map<String, HostedStage> running = new HashMap<>();
    private final List<HostedStage> prepared = new ArrayList<>();
    private final Map<String, Long> fences = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_FENCES;
        }
    };

    /** Nothing is loaded here until further notice. */
    private boolean vacated;

    /** The stage of that pipeline, if it runs exactly that epoch and no newer one was seen. */
    synchronized HostedStage find(String pipelineId, long epoch) throws FencedException {
        HostedStage stage = running.get(pipelineId);
        if (stage == null) {
            throw FencedException.notHere(pipelineId);
        }
        long seen = fences.getOrDefault(pipelineId, 0L);
        if (epoch < seen) {
            throw FencedException.otherEpoch(epoch, seen);
        }
        if (!stage.runs(pipelineId, epoch)) {
            throw FencedException.otherEpoch(epoch, stage.epoch());
        }
        return stage;
    }

    synchronized Optional<HostedStage> find(String pipelineId) {
        return Optional.ofNullable(running.get(pipelineId));
    }

    /** Refuses epochs that are over from now on. */
    synchronized void fence(String pipelineId, long epoch) throws FencedException {
        long seen = fences.getOrDefault(pipelineId, 0L);
        if (epoch < seen) {
            throw FencedException.otherEpoch(epoch, seen);
        }
        fences.put(pipelineId, epoch);
    }

    /**
     * Lets a stage that is loaded with this shard and these settings serve, be it prepared or running for an older plan.
     *
     * @return empty when there is none; else what ran for this pipeline before, if it was another stage
     */
    synchronized Optional<List<HostedStage>> serve(Binding binding, ShardSpec shard, StageSettings settings)
            throws FencedException {
        fence(binding.pipelineId(), binding.epoch());
        requireAdmission();
        HostedStage present = running.get(binding.pipelineId());
        Optional<HostedStage> found = Stream
                .of(Stream.ofNullable(present), binding.draft() ? Stream.<HostedStage>of() : others(binding))
                .flatMap(stages -> stages).filter(stage -> stage.isSame(shard, settings)).findFirst();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        HostedStage stage = found.get();
        stage.serve(binding); // first, since a stage that is too busy refuses, and then stays where it is
        prepared.remove(stage);
        running.values().remove(stage);
        return Optional.of(install(stage, binding));
    }

    /**
     * Adds a stage that was loaded for this binding, unless a newer epoch was seen meanwhile.
     *
     * @return what ran for this pipeline before
     */
    synchronized List<HostedStage> add(HostedStage stage, Binding binding) throws FencedException {
        fence(binding.pipelineId(), binding.epoch());
        requireAdmission();
        stage.serve(binding);
        return install(stage, binding);
    }

    private List<HostedStage> install(HostedStage stage, Binding binding) {
        HostedStage displaced = running.put(binding.pipelineId(), stage);
        return displaced == null ? List.of() : List.of(displaced);
    }

    /**
     * Stages that are free to serve this, if they are of the right kind. No worker is in two pipelines of one model, so what runs for another
     * one is left from an older plan, whatever its epoch: each pipeline counts its own.
     */
    private Stream<HostedStage> others(Binding binding) {
        return Stream.concat(prepared.stream(),
                running.values().stream().filter(stage -> !stage.pipelineId().equals(binding.pipelineId())));
    }

    /** Adds a stage that serves nothing yet. */
    synchronized void addPrepared(HostedStage stage) throws FencedException {
        requireAdmission();
        prepared.add(stage);
    }

    /** Whether such a stage is prepared or runs. */
    synchronized boolean holds(ShardSpec shard, StageSettings settings) {
        return stages().anyMatch(stage -> stage.isSame(shard, settings));
    }

    /** The prepared stage with this shard; empty also when it runs. */
    synchronized Optional<HostedStage> findPrepared(String shardId) {
        return prepared.stream().filter(stage -> stage.engine().spec().getShardId().equals(shardId)).findFirst();
    }

    /** Takes the pipeline's stage out if its epoch is not newer. */
    synchronized Optional<HostedStage> remove(String pipelineId, long epoch) {
        HostedStage stage = running.get(pipelineId);
        if (stage == null || stage.epoch() > epoch) {
            return Optional.empty();
        }
        running.remove(pipelineId);
        notifyAll();
        return Optional.of(stage);
    }

    /** Takes out the prepared stages with this shard. */
    synchronized List<HostedStage> removePrepared(String shardId) {
        return take(prepared.stream(), stage -> stage.engine().spec().getShardId().equals(shardId));
    }

    /** Takes out all that is loaded of a model. */
    synchronized List<HostedStage> removeModel(String modelDigest) {
        return take(stages(), stage -> stage.engine().spec().getModelDigest().equals(modelDigest));
    }

    /** Takes out all prepared stages. */
    synchronized List<HostedStage> removePrepared() {
        return take(prepared.stream(), _ -> true);
    }

    /** Takes out what a load for this binding makes obsolete. */
    synchronized List<HostedStage> removeObsolete(Binding binding, String modelDigest) {
        return take(obsolete(binding, modelDigest), _ -> true);
    }

    /** What may be taken out to make room for a stage that is to serve this. */
    synchronized List<HostedStage> releasable(Binding binding, String modelDigest) {
        return Stream.concat(obsolete(binding, modelDigest), binding.draft() ? Stream.of() : prepared.stream())
                .toList();
    }

    /**
     * What older plans left here: this pipeline's stage, and other pipelines' of the same model; and drafts, unless it is for another
     * draft.
     */
    private Stream<HostedStage> obsolete(Binding binding, String modelDigest) {
        return running.values().stream().filter(stage -> stage.pipelineId().equals(binding.pipelineId())
                ? stage.epoch() <= binding.epoch()
                : !binding.draft()
                        && (stage.isDraft() || stage.engine().spec().getModelDigest().equals(modelDigest)));
    }

    synchronized List<HostedStage> removeAll() {
        return take(stages(), _ -> true);
    }

    /** Takes out everything and lets nothing in until {@link #admit()}. */
    synchronized List<HostedStage> vacate() {
        vacated = true;
        return removeAll();
    }

    synchronized void admit() {
        vacated = false;
    }

    private void requireAdmission() throws FencedException {
        if (vacated) {
            throw FencedException.takenBack();
        }
    }

    /** Whether a stage of a pipeline runs here; drafts do not count. */
    synchronized boolean runsSomething() {
        return !running.values().stream().allMatch(HostedStage::isDraft);
    }

    /** Whether no pipeline runs here in time, drafts aside; blocks. */
    synchronized boolean awaitNothingRuns(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (runsSomething()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis <= 0) {
                return false;
            }
            wait(millis);
        }
        return true;
    }

    private List<HostedStage> take(Stream<HostedStage> from, Predicate<HostedStage> which) {
        List<HostedStage> taken = from.filter(which).toList();
        prepared.removeAll(taken);
        running.values().removeAll(taken);
        notifyAll();
        return taken;
    }

    /** All stages, those that run first. */
    synchronized List<HostedStage> all() {
        return stages().toList();
    }

    private Stream<HostedStage> stages() {
        return Stream.concat(running.values().stream(), prepared.stream());
    }
}
