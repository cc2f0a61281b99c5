package org.barnraiser.coordinator.adapter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.ModelFile;

/** The adapters in a data folder, each under its name in the folder of the model that it changes: {@code adapters/DIGEST/NAME.gguf}. */
public final class AdapterStore {
    /** No plus sign, which stands between a model and its adapter. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final String ENDING = ".gguf";
    /** What workers load with one model. */
    private static final int MAX_ADAPTERS = 64;

    private final Path folder;

    /** @param data the host's data folder */
    public AdapterStore(Path data) {
        folder = data.resolve("adapters");
    }

    /**
     * An adapter that is kept.
     *
     * @param modelDigest of the model that it changes
     */
    public record Stored(String name, String modelDigest, Path file) {}

    /**
     * Checks an adapter against its model and keeps a copy of it. A running coordinator has it after its next start.
     *
     * @throws AdapterException when it does not fit, by the name of the tensor and its shape, or when the name is taken
     */
    public Stored add(Path source, String name, ModelFile model, String modelDigest) throws AdapterException {
        if (!NAME.matcher(name).matches()) {
            throw new AdapterException("an adapter cannot be called " + name
                    + "; use up to 64 letters, digits, dots, dashes and underscores.");
        }
        try (AdapterFile adapter = AdapterFile.open(source)) {
            adapter.checkFits(model);
            Path home = Files.createDirectories(folder.resolve(modelDigest));
            Path file = home.resolve(name + ENDING);
            if (Files.exists(file)) {
                throw new AdapterException(
                        "there is an adapter " + name
                                + " for this model already; remove it first, or choose another --name.");
            }
            if (of(modelDigest).size() == MAX_ADAPTERS) {
                throw new AdapterException("this model has " + MAX_ADAPTERS + " adapters already; remove one first.");
            }
            Path part = Files.createTempFile(home, name, ".part");
            Files.copy(source, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            return new Stored(name, modelDigest, file);
        } catch (GgufException e) {
            throw new AdapterException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new AdapterException("the adapter cannot be kept in " + folder + " (" + e.getMessage() + ").", e);
        }
    }

    /** All that are kept, in order of models and names. */
    public List<Stored> all() throws AdapterException {
        List<Stored> stored = new ArrayList<>();
        for (Path model : entries(folder)) {
            stored.addAll(of(model.getFileName().toString()));
        }
        return stored;
    }

    /** Those of one model, in order of their names. */
    public List<Stored> of(String modelDigest) throws AdapterException {
        return entries(folder.resolve(modelDigest)).stream()
                .filter(file -> file.getFileName().toString().endsWith(ENDING))
                .map(file -> new Stored(file.getFileName().toString().replaceFirst("\\.gguf$", ""), modelDigest, file))
                .toList();
    }

    /** Forgets an adapter, whichever model it is for. */
    public void remove(String name) throws AdapterException {
        List<Stored> named = all().stream().filter(stored -> stored.name().equals(name)).toList();
        if (named.isEmpty()) {
            throw new AdapterException(
                    "there is no adapter " + name + "; 'barn adapter list' shows those that there are.");
        }
        for (Stored stored : named) {
            try {
                Files.delete(stored.file());
            } catch (IOException e) {
                throw new AdapterException("the adapter cannot be removed (" + e.getMessage() + ").", e);
            }
        }
    }

    private static List<Path> entries(Path folder) throws AdapterException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new AdapterException("the adapters in " + folder + " cannot be read (" + e.getMessage() + ").", e);
        }
    }
}
