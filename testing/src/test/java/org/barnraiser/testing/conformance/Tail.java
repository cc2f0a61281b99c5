package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Step;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** The tail's shard in a bare llama.cpp context, to look at the logits that a stage keeps to itself. */
final class Tail implements AutoCloseable {

    private final LlamaModel model;
    private final LlamaContext context;
    private final Batch batch;

    Tail(LlamaLibrary llama, Path shard, ShardSpec spec, int slots) throws LlamaException {
        model = llama.loadModel(shard, ModelOptions.defaults());
        context = model.newContext(WholeModel.context(slots));
        batch = Batch.ofEmbeddings(Script.MAX_STEP_TOKENS, spec.getEmbeddingLength());
    }

    /** Computes a step that has come through the stages before, and takes the logits of its sampled tokens. */
    void decode(Step step, Logits logits) throws LlamaException {
        if (step.hasFailure() || step.getHidden().getEncoding() != Encoding.F32) {
            throw new IllegalStateException("The stages before the tail failed: " + step.getFailure().getReason());
        }
        batch.clear();
        StepReader.forEachRow(step, (_, position, slot, sampled) -> batch.addEmbedding(position, slot, sampled));
        batch.embeddings().asByteBuffer().put(step.getHidden().getData().asReadOnlyByteBuffer());
        StepReader.edit(context, step);
        context.decode(batch);
        logits.addSampled(context, step);
    }

    @Override
    public void close() {
        batch.close();
        context.close();
        model.close();
    }
}
