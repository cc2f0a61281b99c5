package org.barnraiser.worker.node;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The stages that are loaded here, one per pipeline, and the epochs that were seen: an older epoch than one that was seen
 * for a pipeline is refused, also after the stage was unloaded. Safe for use by several threads.
 */
final class StageRegistry {
    private static final int MAX_FENCES = 1024;

    private final Map<String, HostedStage> stages = new HashMap<>();
    private final Map<String, Long> fences = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_FENCES;
        }
    };

    /** The stage of that pipeline, if it runs exactly that epoch. */
    synchronized HostedStage find(String pipelineId, long epoch) throws FencedException {
        HostedStage stage = stages.get(pipelineId);
        if (stage == null) {
            throw FencedException.notHere(pipelineId);
        }
        if (stage.epoch() != epoch) {
            throw FencedException.otherEpoch(epoch, stage.epoch());
        }
        return stage;
    }

    synchronized Optional<HostedStage> find(String pipelineId) {
        return Optional.ofNullable(stages.get(pipelineId));
    }

    /** Refuses epochs that are over from now on. */
    synchronized void fence(String pipelineId, long epoch) throws FencedException {
        long seen = fences.getOrDefault(pipelineId, 0L);
        if (epoch < seen) {
            throw FencedException.otherEpoch(epoch, seen);
        }
        fences.put(pipelineId, epoch);
    }

    /** Adds a stage that was loaded for an epoch, unless a newer one was seen meanwhile. */
    synchronized void add(HostedStage stage) throws FencedException {
        fence(stage.pipelineId(), stage.epoch());
        stages.put(stage.pipelineId(), stage);
    }

    /** Takes a stage out if its epoch is not newer; the caller closes it. */
    synchronized Optional<HostedStage> remove(String pipelineId, long epoch) {
        HostedStage stage = stages.get(pipelineId);
        if (stage == null || stage.epoch() > epoch) {
            return Optional.empty();
        }
        stages.remove(pipelineId);
        return Optional.of(stage);
    }

    /** Takes out stages of other pipelines of the same model that an older plan left here; the caller closes them. */
    synchronized List<HostedStage> removeObsolete(String modelDigest, long epoch) {
        var obsolete = new ArrayList<HostedStage>();
        stages.values().removeIf(stage -> {
            boolean old = stage.epoch() < epoch && stage.engine().spec().getModelDigest().equals(modelDigest);
            return old && obsolete.add(stage);
        });
        return obsolete;
    }

    synchronized List<HostedStage> removeAll() {
        var all = List.copyOf(stages.values());
        stages.clear();
        return all;
    }

    /** Any tail, for what needs a vocabulary but no particular one. */
    synchronized Optional<HostedStage> anyTail() {
        return stages.values().stream().filter(stage -> stage.engine().spec().getTail()).findAny();
    }
}
