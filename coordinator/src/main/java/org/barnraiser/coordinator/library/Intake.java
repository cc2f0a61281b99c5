package org.barnraiser.coordinator.library;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.barnraiser.coordinator.download.Download;
import org.barnraiser.coordinator.download.DownloadException;
import org.barnraiser.coordinator.download.Progress;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.MetadataValue;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.UnsupportedModelException;
import org.barnraiser.coordinator.library.ModelSource.HubRepository;
import org.barnraiser.coordinator.library.ModelSource.LocalFile;
import org.barnraiser.coordinator.library.ModelSource.WebFile;
import org.barnraiser.coordinator.library.Offer.Provenance;
import org.barnraiser.coordinator.library.StoredModel.StoredFile;
import org.barnraiser.proto.EngineAbi;

/** Takes one model into the library: brings its files here, checks that it is a model that can be split, and writes down whose it is. */
final class Intake {
    private final ModelLibrary library;
    private final boolean copies;
    private final Sources sources;
    private final Progress progress;

    /** @param copies whether the weights of what is elsewhere are brought here too */
    Intake(ModelLibrary library, boolean copies, Sources sources, Progress progress) {
        this.library = library;
        this.copies = copies;
        this.sources = sources;
        this.progress = progress;
    }

    StoredModel take(ModelSource source, Optional<String> name)
            throws LibraryException, IOException, InterruptedException {
        return switch (source) {
            case LocalFile(Path path) when copies -> takeLocal(path, name);
            case LocalFile(Path path) -> throw new LibraryException(path
                    + " is here already; --no-copy is for models of a hub or a web server.");
            case HubRepository repository -> {
                try (WebClient web = sources.open()) {
                    yield takeRemote(new HubClient(sources.hub(), web).find(repository), name, web);
                }
            }
            case WebFile(var uri) -> {
                try (WebClient web = sources.open()) {
                    yield takeRemote(new Offer(List.of(RemoteFile.at(uri)),
                            new Provenance(uri.toString(), "", "", "")), name, web);
                }
            }
        };
    }

    private StoredModel takeLocal(Path path, Optional<String> name) throws LibraryException, IOException {
        List<Path> files;
        try (ModelFile model = ModelFile.open(path)) {
            files = model.files();
        } catch (GgufException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        }
        String free = freeName(name, files.getFirst());
        Path folder = library.incoming(UUID.randomUUID().toString());
        try {
            List<StoredFile> stored = new ArrayList<>();
            for (Path file : files) {
                Path copy = folder.resolve(file.getFileName());
                linkOrCopy(file.toRealPath(), copy);
                stored.add(
                        new StoredFile(copy.getFileName().toString(), Files.size(copy), FileHash.of(copy, progress)));
            }
            return publish(folder, free, stored,
                    new Provenance(path.toAbsolutePath().normalize().toString(), "", "", ""));
        } finally {
            if (Files.exists(folder)) {
                ModelLibrary.deleteAll(folder);
            }
        }
    }

    /** A link costs no disk; where it is not possible, as from another disk, the bytes are copied. */
    private static void linkOrCopy(Path file, Path copy) throws IOException {
        try {
            Files.createLink(copy, file);
        } catch (IOException | UnsupportedOperationException _) {
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private StoredModel takeRemote(Offer offer, Optional<String> name, WebClient web)
            throws LibraryException, IOException, InterruptedException {
        String free = freeName(name, Path.of(offer.files().getFirst().name()));
        if (!copies) {
            return survey(offer, free, web);
        }
        Path folder = library.incoming(key("", offer));
        boolean resumable = false;
        try {
            List<StoredFile> stored = new ArrayList<>();
            for (RemoteFile file : offer.files()) {
                stored.add(fetch(file, folder, web));
            }
            return publish(folder, free, stored, offer.provenance());
        } catch (DownloadException e) {
            resumable = hasPart(folder);
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            resumable = true;
            throw e;
        } finally {
            if (!resumable && Files.exists(folder)) {
                ModelLibrary.deleteAll(folder);
            }
        }
    }

    private StoredModel survey(Offer offer, String name, WebClient web)
            throws LibraryException, IOException, InterruptedException {
        Path folder = library.incoming(key("no copy of ", offer));
        boolean resumable = false;
        try (Survey survey = new Survey(folder, web, sources, progress)) {
            survey.fetchHeaders(offer.files());
            try (ModelFile model = ModelFile.open(folder.resolve(fileName(offer.files().getFirst())))) {
                requireSplittable(model);
                Survey.Findings found = survey.read(model);
                return publish(folder, name, found.files(), offer.provenance(), model, found.manifest());
            }
        } catch (GgufException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        } catch (DownloadException e) {
            resumable = SurveyJournal.isIn(folder);
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException | IOException e) {
            resumable = SurveyJournal.isIn(folder);
            throw e;
        } finally {
            if (Files.exists(folder)) {
                clear(folder, resumable);
            }
        }
    }

    /** @param resumable whether the journal stays, from which the same command goes on */
    private static void clear(Path folder, boolean resumable) throws IOException {
        if (!resumable) {
            ModelLibrary.deleteAll(folder);
            return;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(file -> !SurveyJournal.is(file)).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }

    /** What a file is called here. */
    static String fileName(RemoteFile file) {
        return file.name().isBlank() ? "model.gguf" : file.name().replaceAll("[^A-Za-z0-9._-]", "_");
    }

    private StoredFile fetch(RemoteFile file, Path folder, WebClient web)
            throws DownloadException, InterruptedException, IOException {
        String name = fileName(file);
        Path target = folder.resolve(name);
        // Of a split set, some files may be complete from an earlier attempt.
        String sha256 = Files.exists(target) && file.sha256().isPresent() ? FileHash.of(target, progress) : "";
        if (sha256.isEmpty() || !sha256.equals(file.sha256().orElseThrow())) {
            sha256 = new Download(web, sources.download(), progress).fetch(file, target);
        }
        return new StoredFile(name, Files.size(target), sha256);
    }

    private static boolean hasPart(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }

    /** The same files of the same source lie in the same folder each time. */
    private static String key(String purpose, Offer offer) {
        String text = purpose + offer.provenance().source() + offer.files();
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private String freeName(Optional<String> name, Path file) throws LibraryException {
        String wanted = name.orElseGet(() -> ModelLibrary.nameFrom(file.getFileName().toString()));
        if (library.find(wanted).isPresent()) {
            throw new LibraryException("There is a model \"" + wanted
                    + "\" already; remove it first, or choose another name with --name.");
        }
        return wanted;
    }

    private StoredModel publish(Path folder, String name, List<StoredFile> files, Provenance said)
            throws LibraryException, IOException {
        try (ModelFile model = ModelFile.open(folder.resolve(files.getFirst().name()))) {
            requireSplittable(model);
            Manifest manifest = Manifest.of(model,
                    (done, total) -> progress.reached("reading the tensors of " + name, done, total));
            return publish(folder, name, files, said, model, manifest);
        } catch (GgufException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        }
    }

    private StoredModel publish(Path folder, String name, List<StoredFile> files, Provenance said, ModelFile model,
            Manifest manifest) throws IOException {
        Provenance provenance = said.or(ofFile(model));
        StoredModel stored = new StoredModel(name, manifest.digest(), model.architecture(), model.layerCount(),
                provenance.source(), provenance.author(), provenance.license(), provenance.licenseLink(),
                Clock.systemUTC().instant().truncatedTo(ChronoUnit.SECONDS).toString(), files);
        Files.writeString(folder.resolve(ModelLibrary.MANIFEST), manifest.text());
        library.publish(folder, stored);
        return stored;
    }

    /** A model that no engine can split is refused at once, whoever the workers are. */
    private static void requireSplittable(ModelFile model) throws GgufException {
        try {
            Architectures.check(model, EngineAbi.ENGINE_ABI_V0_5);
        } catch (UnsupportedModelException e) {
            try {
                Architectures.check(model, EngineAbi.ENGINE_ABI_B4916);
            } catch (UnsupportedModelException _) {
                throw e;
            }
        }
    }

    private static Provenance ofFile(ModelFile model) {
        return new Provenance("", text(model, "general.author"), text(model, "general.license"),
                text(model, "general.license.link"));
    }

    private static String text(ModelFile model, String key) {
        return model.metadata().find(key).filter(MetadataValue.Text.class::isInstance)
                .map(value -> ((MetadataValue.Text) value).value()).orElse("");
    }
}
