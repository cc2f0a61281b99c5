package org.barnraiser.worker.llama;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.worker.SecondLibrary;
import org.junit.jupiter.api.Assumptions;

/** The libraries and models that tests run on; a test of one that is not here is skipped with the reason. */
final class TestEngines {
    private static final String SHARED = "barnraiser.shared";

    private TestEngines() {}

    /** The bundled library, or a current one. */
    static LlamaLibrary open(LlamaAbi abi) {
        return open(directory(abi));
    }

    static LlamaLibrary open(Optional<Path> directory) {
        try {
            return LlamaLibrary.open(directory);
        } catch (LibraryException e) {
            throw new AssertionError(e);
        }
    }

    static Optional<Path> directory(LlamaAbi abi) {
        if (abi == LlamaAbi.B4916) {
            return Optional.empty();
        }
        Optional<Path> directory = SecondLibrary.find();
        if (directory.isEmpty()) {
            skip("no second llama.cpp here");
        }
        return directory;
    }

    static Path stories() {
        return shared("models/stories260K.gguf");
    }

    static Path demo() {
        return shared("demo-model/barnraiser-demo.gguf");
    }

    static LlamaModel load(LlamaAbi abi, Path file) throws ModelLoadException {
        return open(abi).loadModel(file, ModelOptions.defaults());
    }

    private static Path shared(String file) {
        Optional<Path> folder = Optional.ofNullable(System.getProperty(SHARED)).map(Path::of)
                .or(() -> ancestors().map(directory -> directory.resolve("shared"))
                        .filter(directory -> Files.isDirectory(directory.resolve("models"))).findFirst());
        Optional<Path> path = folder.map(directory -> directory.resolve(file)).filter(Files::isRegularFile);
        if (path.isEmpty()) {
            skip("no shared/" + file + " above the working directory; name the folder with -D" + SHARED + "=DIR");
        }
        return path.orElseThrow();
    }

    private static Stream<Path> ancestors() {
        return Stream.iterate(Path.of("").toAbsolutePath(), directory -> directory != null, Path::getParent);
    }

    private static void skip(String reason) {
        System.out.println("skipped: " + reason);
        Assumptions.abort(reason);
    }
}
