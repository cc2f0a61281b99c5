package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.Slicer;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.LlamaException;

/** A model cut at layer boundaries, its stages run one after the other with f32 between them. */
final class SplitModel {

    private SplitModel() {}

    /**
     * What the cut model computes for the script.
     *
     * @param cut layer boundaries, from 0 to the layer count
     * @param folder where the shards go
     */
    static Logits run(Library library, ModelFile model, Manifest manifest, List<Integer> cut, Path folder,
            List<Step> script) throws GgufException, LlamaException, IOException {
        List<Stage> stages = new ArrayList<>();
        try {
            EmbeddingTable embeddings = null;
            for (int i = 0; i + 1 < cut.size(); i++) {
                ShardSpec spec = Slicer.slice(model, manifest, cut.get(i), cut.get(i + 1), library.abi());
                Path shard = folder.resolve(spec.getShardId() + ".gguf");
                ShardAssembler.assemble(model, spec, shard);
                stages.add(new Stage(library.llama(), shard, spec));
                if (spec.getHead()) {
                    embeddings = new EmbeddingTable(library.llama(), model, spec.getEmbedding());
                }
            }
            return run(stages, java.util.Objects.requireNonNull(embeddings), script);
        } finally {
            stages.forEach(Stage::close);
        }
    }

    private static Logits run(List<Stage> stages, EmbeddingTable embeddings, List<Step> script) throws LlamaException {
        var logits = new Logits();
        for (Step step : script) {
            MemorySegment hidden = embeddings.lookUp(step);
            for (Stage stage : stages.subList(0, stages.size() - 1)) {
                stage.decode(step, hidden);
                hidden = stage.hiddenStates();
            }
            Stage tail = stages.getLast();
            tail.decode(step, hidden);
            logits.addSampled(tail.context(), step);
        }
        return logits;
    }
}
