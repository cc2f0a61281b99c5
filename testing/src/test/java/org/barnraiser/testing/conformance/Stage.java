package org.barnraiser.testing.conformance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.ContextOptions;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** One stage of a cut model: embeddings in; hidden states out, or logits at the tail. */
final class Stage implements AutoCloseable {

    private final boolean tail;
    private final LlamaModel model;
    private final LlamaContext context;
    private final Batch batch;

    Stage(LlamaLibrary llama, Path shard, ShardSpec spec) throws LlamaException {
        tail = spec.getTail();
        model = llama.loadModel(shard, ModelOptions.defaults());
        context = model.newContext(
                new ContextOptions(Script.CACHE_TOKENS, Script.MAX_STEP_TOKENS, Script.SLOTS, 1, !tail));
        batch = Batch.ofEmbeddings(Script.MAX_STEP_TOKENS, spec.getEmbeddingLength());
    }

    /** Computes the stage's layers for every token of the step. */
    void decode(Step step, MemorySegment hiddenStates) throws LlamaException {
        batch.clear();
        StepReader.forEachRow(step, (_, position, slot, sampled) -> batch.addEmbedding(position, slot, !tail || sampled));
        batch.embeddings().copyFrom(hiddenStates);
        StepReader.edit(context, step);
        context.decode(batch);
    }

    /** The last layer's output for every token of the last step. */
    MemorySegment hiddenStates() {
        return MemorySegment.ofArray(context.hiddenStates().toArray(ValueLayout.JAVA_FLOAT));
    }

    LlamaContext context() {
        return context;
    }

    @Override
    public void close() {
        batch.close();
        context.close();
        model.close();
    }
}
