package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** Loads the model named by its argument with the bundled llama.cpp, makes a context, and ends with 0, if llama.cpp lets it. */
final class StartMain {

    private StartMain() {}

    public static void main(String[] arguments) throws Exception {
        LlamaLibrary llama = LlamaLibrary.open(Optional.empty());
        try (LlamaModel model = llama.loadModel(Path.of(arguments[0]), ModelOptions.defaults());
                LlamaContext context = model.newContext(WholeModel.CONTEXT)) {
            System.out.println(model.layerCount() + " layers, " + context.contextTokens() + " tokens");
        }
    }
}
