package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.ContextOptions;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** The reference: the uncut model in one llama.cpp context. */
final class WholeModel {

    static final ContextOptions CONTEXT = context(Script.SLOTS);

    private WholeModel() {}

    static ContextOptions context(int slots) {
        return new ContextOptions(Script.CACHE_TOKENS, Script.MAX_STEP_TOKENS, slots, 1, false);
    }

    /** What the model at {@code file} computes for the script. */
    static Logits run(LlamaLibrary llama, Path file, List<Step> script) throws LlamaException {
        return run(llama, file, Script.SLOTS, script);
    }

    static Logits run(LlamaLibrary llama, Path file, int slots, List<Step> script) throws LlamaException {
        var logits = new Logits();
        try (LlamaModel model = llama.loadModel(file, ModelOptions.defaults());
                LlamaContext context = model.newContext(context(slots));
                Batch batch = Batch.ofTokens(Script.MAX_STEP_TOKENS)) {
            for (Step step : script) {
                batch.clear();
                StepReader.forEachRow(step, batch::addToken);
                StepReader.edit(context, step);
                context.decode(batch);
                logits.addSampled(context, step);
            }
        }
        return logits;
    }

    /** The same fed with embeddings times {@code scale} instead of tokens.  */
    static Logits runOnEmbeddings(LlamaLibrary llama, Path file, List<Step> script, float scale)
            throws LlamaException, GgufException {
        var logits = new Logits();
        try (ModelFile gguf = ModelFile.open(file);
                LlamaModel model = llama.loadModel(file, ModelOptions.defaults());
                LlamaContext context = model.newContext(CONTEXT);
                Batch batch = Batch.ofEmbeddings(Script.MAX_STEP_TOKENS, gguf.embeddingLength())) {
            var embeddings = new EmbeddingTable(llama, gguf, EmbeddingTable.of(gguf, scale));
            for (Step step : script) {
                batch.clear();
                StepReader.forEachRow(step,
                        (_, position, slot, sampled) -> batch.addEmbedding(position, slot, sampled));
                batch.embeddings().copyFrom(embeddings.lookUp(step));
                StepReader.edit(context, step);
                context.decode(batch);
                logits.addSampled(context, step);
            }
        }
        return logits;
    }
}
