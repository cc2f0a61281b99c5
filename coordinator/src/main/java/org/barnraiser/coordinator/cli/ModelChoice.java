package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.barnraiser.coordinator.library.ModelSource;
import org.barnraiser.coordinator.library.Origin;
import org.barnraiser.coordinator.library.Sources;
import org.barnraiser.coordinator.library.StoredModel;

/**
 * What {@code --model} means: a file, a model of the library, or one that is brought here first.
 *
 * @param file to host
 * @param origin from where its weights are to be had, when they are not in the file
 */
record ModelChoice(Path file, Optional<Origin> origin) {

    /** A file with all of the model. */
    static ModelChoice of(Path file) {
        return new ModelChoice(file, Optional.empty());
    }

    /**
     * What to host; blocks while a model is fetched.
     *
     * @param copies whether the weights of a model elsewhere are brought here
     */
    static ModelChoice of(String model, boolean copies, Path data, PrintWriter out)
            throws CommandException, InterruptedException {
        try {
            ModelLibrary library = ModelLibrary.in(data);
            return switch (ModelSource.parse(model)) {
                case ModelSource.LocalFile(Path path) when Files.exists(path) -> existing(library, path);
                case ModelSource.LocalFile(Path path) -> named(library, model, path);
                case ModelSource source -> fetched(library, source, copies, out);
            };
        } catch (LibraryException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The same for several. */
    static List<ModelToHost> of(List<String> models, boolean copies, Path data, PrintWriter out)
            throws CommandException, InterruptedException {
        List<ModelToHost> hosted = new ArrayList<>();
        for (String model : models) {
            ModelChoice choice = of(model, copies, data, out);
            hosted.add(new ModelToHost(choice.file(), choice.origin()));
        }
        return hosted;
    }

    /** A file of the library may be a header without weights. */
    private static ModelChoice existing(ModelLibrary library, Path path) throws LibraryException {
        Optional<StoredModel> stored = library.ofFile(path);
        return stored.isPresent() ? stored(library, stored.get()) : of(path);
    }

    private static ModelChoice named(ModelLibrary library, String model, Path path)
            throws LibraryException, CommandException {
        if (path.getNameCount() > 1 || model.endsWith(".gguf")) {
            throw new CommandException("there is no file " + path + "; check --model.");
        }
        return stored(library, library.get(model));
    }

    /** A model that was fetched from there before is not fetched again. */
    private static ModelChoice fetched(ModelLibrary library, ModelSource source, boolean copies, PrintWriter out)
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

    private static ModelChoice stored(ModelLibrary library, StoredModel model) throws LibraryException {
        return new ModelChoice(library.file(model), model.isHere()
                ? Optional.empty()
                : library.origin(model, Sources.ofEnvironment(Optional.empty())));
    }
}
