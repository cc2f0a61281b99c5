package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;

/** Loads the model named by its argument with the bundled llama.cpp and ends with 0, if llama.cpp lets it. */
final class LoadMain {

    private LoadMain() {
    }

    public static void main(String[] arguments) throws Exception {
        try (LlamaModel model = LlamaLibrary.open(Optional.empty()).loadModel(Path.of(arguments[0]),
                ModelOptions.defaults())) {
            System.out.println(model.layerCount() + " layers");
        }
    }
}
