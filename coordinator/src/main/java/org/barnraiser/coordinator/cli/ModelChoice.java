package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.barnraiser.coordinator.library.ModelSource;
import org.barnraiser.coordinator.library.Sources;
import org.barnraiser.coordinator.library.StoredModel;

/** What {@code --model} and its like mean: a file, a model of the library, or one that is brought here first. */
final class ModelChoice {
    private ModelChoice() {}

    /**
     * What to host; blocks while a model is fetched.
     *
     * @param option that named it
     * @param copies whether the weights of a model elsewhere are brought here
     */
    static ModelToHost of(String option, String model, boolean copies, Path data, PrintWriter out)
            throws CommandException, InterruptedException {
        try {
            ModelLibrary library = ModelLibrary.in(data);
            return switch (ModelSource.parse(model)) {
                case ModelSource.LocalFile(Path path) when Files.exists(path) -> existing(library, path);
                case ModelSource.LocalFile(Path path) -> named(library, option, model, path);
                case ModelSource source -> fetched(library, source, copies, out);
            };
        } catch (LibraryException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /** A file of the library may be a header without weights. */
    private static ModelToHost existing(ModelLibrary library, Path path) throws LibraryException {
        Optional<StoredModel> stored = library.ofFile(path);
        return stored.isPresent() ? stored(library, stored.get()) : new ModelToHost(path, Optional.empty());
    }

    private static ModelToHost named(ModelLibrary library, String option, String model, Path path)
            throws LibraryException, CommandException {
        if (path.getNameCount() > 1 || model.endsWith(".gguf")) {
            throw new CommandException("there is no file " + path + "; check " + option + ".");
        }
        return stored(library, library.get(model));
    }

    /** A model that was fetched from there before is not fetched again. */
    private static ModelToHost fetched(ModelLibrary library, ModelSource source, boolean copies, PrintWriter out)
            throws LibraryException, InterruptedException {
        String name = ModelLibrary.nameFor(source);
        Optional<StoredModel> here = library.find(name);
        if (here.isPresent()) {
            return stored(library, here.get());
        }
        Sources sources = Sources.ofEnvironment(Optional.empty());
        try (ProgressLine progress = ProgressLine.on(out)) {
            return stored(library, copies
                    ? library.add(source, Optional.of(name), sources, progress)
                    : library.addWithoutCopy(source, Optional.of(name), sources, progress));
        }
    }

    private static ModelToHost stored(ModelLibrary library, StoredModel model) throws LibraryException {
        return new ModelToHost(library.file(model), model.isHere()
                ? Optional.empty()
                : library.origin(model, Sources.ofEnvironment(Optional.empty())));
    }
}
