package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.Arrays;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/**
 * Loads a model, makes a context, feeds it one embedding, and ends with 0, if llama.cpp lets it. The arguments are the
 * model and, unless the bundled llama.cpp is meant, its folder.
 */
final class StartMain {

    private StartMain() {}

    public static void main(String[] arguments) throws Exception {
        LlamaLibrary llama = LlamaLibrary.open(Arrays.stream(arguments).skip(1).findFirst().map(Path::of));
        try (LlamaModel model = llama.loadModel(Path.of(arguments[0]), ModelOptions.defaults());
                LlamaContext context = model.newContext(WholeModel.CONTEXT);
                Batch batch = Batch.ofEmbeddings(1, model.embeddingLength())) {
            batch.addEmbedding(0, 0, true).fill((byte) 0);
            context.decode(batch);
        }
    }
}
