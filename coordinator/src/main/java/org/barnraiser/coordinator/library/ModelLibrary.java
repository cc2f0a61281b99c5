package org.barnraiser.coordinator.library;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.download.RemoteFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models in a data folder: {@code models/NAME/} holds a model's files, its {@code manifest} and {@code model.json}. A model has its
 * folder only when it is whole and checked; until then it is made in {@code models/.incoming/}, where an interrupted download goes on
 * from. One process changes the library at a time; reading needs no lock.
 */
public final class ModelLibrary {
    static final String RECORD = "model.json";
    static final String MANIFEST = "manifest";

    private static final Logger LOG = LoggerFactory.getLogger(ModelLibrary.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final String INCOMING = ".incoming";

    private final Path folder;

    private ModelLibrary(Path folder) {
        this.folder = folder;
    }

    /** The library of a data folder; made when it is not there. */
    public static ModelLibrary in(Path dataFolder) throws LibraryException {
        Path folder = dataFolder.resolve("models");
        try {
            Files.createDirectories(folder.resolve(INCOMING));
            return new ModelLibrary(folder);
        } catch (IOException e) {
            throw failed("The folder " + folder + " cannot be made", e);
        }
    }

    /** What is here, by name. */
    public List<StoredModel> list() throws LibraryException {
        List<StoredModel> models = new ArrayList<>();
        for (Path entry : entries(folder)) {
            if (Files.exists(entry.resolve(RECORD))) {
                try {
                    models.add(read(entry));
                } catch (LibraryException e) {
                    LOG.warn("{}", e.getMessage());
                }
            }
        }
        return models;
    }

    public Optional<StoredModel> find(String name) throws LibraryException {
        Path entry = folder.resolve(checkedName(name));
        return Files.exists(entry.resolve(RECORD)) ? Optional.of(read(entry)) : Optional.empty();
    }

    /** The model, or a sentence that names those that are here. */
    public StoredModel get(String name) throws LibraryException {
        Optional<StoredModel> found = NAME.matcher(name).matches() ? find(name) : Optional.empty();
        if (found.isPresent()) {
            return found.get();
        }
        List<String> names = list().stream().map(StoredModel::name).toList();
        throw new LibraryException("There is no model \"" + name + "\" here; "
                + (names.isEmpty() ? "'barn model add' brings one." : "there are " + String.join(", ", names) + "."));
    }

    /** The file that stands for a model. */
    public Path file(StoredModel model) {
        return model.firstFile(folder(model));
    }

    Path folder(StoredModel model) {
        return folder.resolve(model.name());
    }

    /**
     * Brings a model in; blocks for as long as that takes. What is here already under that name stays as it is.
     *
     * @param name empty: made from the file's name
     * @throws LibraryException when the source cannot be used; an interrupted download is kept, everything else is cleaned up
     */
    public StoredModel add(ModelSource source, Optional<String> name, Sources sources, Progress progress)
            throws LibraryException, InterruptedException {
        return add(source, name, true, sources, progress);
    }

    /**
     * Takes in what a model on a web server says of itself, for which all of it is read once; blocks for as long as that takes. Its
     * weights stay where they are, and workers have them from there.
     */
    public StoredModel addWithoutCopy(ModelSource source, Optional<String> name, Sources sources, Progress progress)
            throws LibraryException, InterruptedException {
        return add(source, name, false, sources, progress);
    }

    private StoredModel add(ModelSource source, Optional<String> name, boolean copies, Sources sources,
            Progress progress) throws LibraryException, InterruptedException {
        if (name.isPresent()) {
            checkedName(name.get());
        }
        try (Lock _ = lock()) {
            return new Intake(this, copies, sources, progress).take(source, name);
        } catch (IOException e) {
            throw failed("The model cannot be kept in " + folder, e);
        }
    }

    /** Deletes a model. */
    public void remove(String name) throws LibraryException {
        try (Lock _ = lock()) {
            // The record goes first: what is left after a crash is no model, and the next removal or addition clears it away.
            Path entry = folder(get(name));
            Files.delete(entry.resolve(RECORD));
            deleteAll(entry);
        } catch (IOException e) {
            throw failed("The model " + name + " cannot be removed", e);
        }
    }

    /** From where workers have a model's weights; empty when they are here. */
    public Optional<Origin> origin(StoredModel model, Sources sources) {
        if (model.isHere()) {
            return Optional.empty();
        }
        List<RemoteFile> files = model.files().stream().map(file -> new RemoteFile(URI.create(file.url()), file.name(),
                OptionalLong.of(file.sizeBytes()), Optional.of(file.sha256()))).toList();
        boolean gated = model.files().stream().anyMatch(StoredModel.StoredFile::gated);
        // The token was given for the server that asked for it when the model was added.
        Sources there = new Sources(files.getFirst().uri(), gated ? sources.token() : Optional.empty(),
                sources.download());
        return Optional.of(new Origin(folder(model).resolve(MANIFEST), files, gated, there));
    }

    /** The model that a file here belongs to. */
    public Optional<StoredModel> ofFile(Path file) throws LibraryException {
        Path place = file.toAbsolutePath().normalize().getParent();
        return list().stream().filter(model -> folder(model).toAbsolutePath().normalize().equals(place)).findFirst();
    }

    /** Copies a model's files, its record and its manifest into a folder of its name. */
    public Path export(String name, Path target) throws LibraryException {
        StoredModel model = get(name);
        if (!model.isHere()) {
            throw new LibraryException("The weights of " + name + " are not here but at "
                    + URI.create(model.files().getFirst().url()).getHost()
                    + "; remove it and add it without --no-copy first.");
        }
        Path copy = target.resolve(model.name());
        try {
            if (Files.exists(copy)) {
                throw new LibraryException(copy + " is there already; name another folder.");
            }
            Path unfinished = Files.createDirectories(target.resolve("." + model.name() + ".unfinished"));
            try {
                for (Path file : entries(folder(model))) {
                    Files.copy(file, unfinished.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
                return Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                if (Files.exists(unfinished)) {
                    deleteAll(unfinished);
                }
            }
        } catch (IOException e) {
            throw failed("The model " + name + " cannot be copied to " + target, e);
        }
    }

    /** Where a model is made before it is one; the same source finds there what arrived of it before. */
    Path incoming(String sourceKey) throws IOException {
        return Files.createDirectories(folder.resolve(INCOMING).resolve(sourceKey));
    }

    /** Gives a finished folder its name. */
    void publish(Path finished, StoredModel model) throws IOException {
        Files.writeString(finished.resolve(RECORD),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(model) + "\n");
        Path place = folder(model);
        if (Files.exists(place) && !Files.exists(place.resolve(RECORD))) {
            deleteAll(place);
        }
        Files.move(finished, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A name that is free, made from a wish. */
    static String nameFrom(String wish) {
        String name = wish.toLowerCase(Locale.ROOT).replaceFirst("(-\\d{5}-of-\\d{5})?\\.gguf$", "")
                .replaceAll("[^a-z0-9._-]+", "-").replaceAll("^[^a-z0-9]+", "");
        return name.isEmpty() ? "model" : name.substring(0, Math.min(100, name.length()));
    }

    /** The name under which {@code --model} keeps what it fetches: the whole source, so that two never share one. */
    public static String nameFor(ModelSource source) {
        return switch (source) {
            case ModelSource.LocalFile(Path path) -> nameFrom(String.valueOf(path.getFileName()));
            case ModelSource.HubRepository(String repository, Optional<String> wanted, String revision) -> nameFrom(
                    repository + wanted.map(file -> "-" + file).orElse("")
                            + (revision.equals("main") ? "" : "-" + revision));
            case ModelSource.WebFile(var uri) -> nameFrom(uri.getHost() + String.valueOf(uri.getRawPath()));
        };
    }

    private static StoredModel read(Path entry) throws LibraryException {
        Path file = entry.resolve(RECORD);
        try {
            StoredModel model = JSON.readValue(Files.readString(file), StoredModel.class);
            boolean sound = model.name().equals(entry.getFileName().toString()) && !model.files().isEmpty()
                    && model.files().stream().allMatch(part -> part.name().equals(Path.of(part.name()).getFileName()
                            .toString()));
            if (sound) {
                return model;
            }
        } catch (JsonProcessingException | NullPointerException e) {
            throw new LibraryException(file + " is damaged; remove the folder and add the model again.", e);
        } catch (IOException e) {
            throw failed(file + " cannot be read", e);
        }
        throw new LibraryException(file + " is damaged; remove the folder and add the model again.");
    }

    static String checkedName(String name) throws LibraryException {
        if (!NAME.matcher(name).matches()) {
            throw new LibraryException("\"" + name
                    + "\" is no name for a model; letters, digits, dots, dashes and underscores are, at most 100.");
        }
        return name;
    }

    private static List<Path> entries(Path folder) throws LibraryException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new LibraryException("The folder " + folder + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    static void deleteAll(Path folder) throws IOException {
        // Insecure only where the system cannot do better: on Linux nobody can exchange a folder for a link meanwhile.
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }

    /** Keeps other processes from changing the library. */
    private record Lock(FileChannel channel) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private Lock lock() throws LibraryException, IOException {
        FileChannel channel = FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException _) {
            // Held by another thread of this process, which is as good as by another process.
        }
        if (lock == null) {
            channel.close();
            throw new LibraryException("The models in " + folder
                    + " are being changed by another command; wait until it has finished.");
        }
        return new Lock(channel);
    }

    private static LibraryException failed(String what, IOException e) {
        return new LibraryException(what + ": " + e.getMessage() + "; check the disk and who may write there.", e);
    }
}
