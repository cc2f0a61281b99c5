package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.barnraiser.coordinator.library.ModelSource;
import org.barnraiser.coordinator.library.Sources;
import org.barnraiser.coordinator.library.StoredModel;

/** What {@code --model} means: a file, a model of the library, or one that is brought here first. */
final class ModelChoice {

    private ModelChoice() {}

    /** The file to host; blocks while a model is fetched. */
    static Path file(String model, Path data, PrintWriter out) throws CommandException, InterruptedException {
        try {
            ModelLibrary library = ModelLibrary.in(data);
            return switch (ModelSource.parse(model)) {
                case ModelSource.LocalFile(Path path) when Files.exists(path) -> path;
                case ModelSource.LocalFile(Path path) -> named(library, model, path);
                case ModelSource source -> fetched(library, source, model, out);
            };
        } catch (LibraryException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static Path named(ModelLibrary library, String model, Path path)
            throws LibraryException, CommandException {
        if (path.getNameCount() > 1 || model.endsWith(".gguf")) {
            throw new CommandException("there is no file " + path + "; check --model.");
        }
        return library.file(library.get(model));
    }

    /** A model that was fetched from there before is not fetched again. */
    private static Path fetched(ModelLibrary library, ModelSource source, String model, PrintWriter out)
            throws LibraryException, InterruptedException {
        String name = ModelLibrary.nameFor(source);
        Optional<StoredModel> here = library.find(name);
        if (here.isPresent()) {
            return library.file(here.get());
        }
        try (ProgressLine progress = ProgressLine.on(out)) {
            return library.file(library.add(ModelSource.parse(model), Optional.of(name),
                    Sources.ofEnvironment(Optional.empty()), progress));
        }
    }
}
