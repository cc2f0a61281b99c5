package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.barnraiser.coordinator.library.ModelSource;
import org.barnraiser.coordinator.library.Repair;
import org.barnraiser.coordinator.library.Sources;
import org.barnraiser.coordinator.library.StoredModel;
import org.barnraiser.coordinator.library.Verification;
import org.barnraiser.coordinator.library.Verification.Damage;
import org.barnraiser.coordinator.terminal.Lines;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.TrustException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code barn model}: the models that this host has. */
@Command(name = "model", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "add|list|verify|remove|export", description = "Brings models here, and keeps them.")
final class ModelCommand implements Runnable {
    private static final URI LOCAL = URI.create("http://localhost:8080");
    private static final int MAX_TEXT = 300;

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", scope = ScopeType.INHERIT, description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    ModelCommand() {}

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private ModelLibrary library() throws LibraryException {
        return ModelLibrary.in(folder());
    }

    /** How this coordinator's workers are reached. */
    private Links links() throws LibraryException {
        try {
            return ClusterTrust.ofCommand(folder());
        } catch (TrustException e) {
            throw new LibraryException(String.valueOf(e.getMessage()), e);
        }
    }

    private Path folder() {
        return DataDirectory.pathOf(data);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Progress goes to standard error, so that results can be piped on. */
    private ProgressLine progress() {
        return ProgressLine.on(spec.commandLine().getErr());
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Brings a model here: a GGUF file, hf:owner/repo[/file-or-quantisation][@revision], or a web address.")
    int add(@Parameters(paramLabel = "SOURCE") String source,
            @Option(names = "--name", paramLabel = "NAME", description = "What to call it (default: after its file).") @Nullable String name,
            @Option(names = "--hub", paramLabel = "URL", description = "A mirror of the model hub (default: $HF_ENDPOINT, else https://huggingface.co). A token is taken from $HF_TOKEN.") @Nullable URI hub,
            @Option(names = "--no-copy", description = "Read it once and keep only what it says of itself; workers take their weights from there.") boolean noCopy)
            throws LibraryException, InterruptedException {
        StoredModel model;
        try (ProgressLine progress = progress()) {
            Sources sources = Sources.ofEnvironment(Optional.ofNullable(hub));
            model = noCopy
                    ? library().addWithoutCopy(ModelSource.parse(source), Optional.ofNullable(name), sources, progress)
                    : library().add(ModelSource.parse(source), Optional.ofNullable(name), sources, progress);
        }
        print(model);
        out().println("Host it with: barn up --model " + model.name());
        out().flush();
        return 0;
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Names the models that are here.")
    int list() throws LibraryException {
        List<StoredModel> models = library().list();
        if (models.isEmpty()) {
            out().println("There is no model here yet; 'barn model add' brings one.");
        }
        models.forEach(this::print);
        out().flush();
        return 0;
    }

    private void print(StoredModel model) {
        out().printf(Locale.ROOT, "%s%n", model.name());
        out().printf("  identity  sha256:%s%n", model.digest());
        out().printf(Locale.ROOT, "  is        %s, %d layers, %s%n", model.architecture(), model.layers(),
                ProgressLine.bytes(model.sizeBytes()));
        if (!model.isHere()) {
            out().printf("  weights   not here; workers take them from %s%n",
                    URI.create(model.files().getFirst().url()).getHost());
        }
        out().printf("  license   %s%n", (said(model.license()) + " " + model.licenseLink()).strip());
        out().printf("  author    %s%n", said(model.author()));
        out().printf("  source    %s, added %s%n", model.source(), model.added());
    }

    private static String said(String text) {
        return text.isBlank() ? "not stated" : text;
    }

    @Command(name = "verify", mixinStandardHelpOptions = true, description = "Reads models again, all when none is named; exits with 1 and names what is damaged.")
    int verify(@Parameters(paramLabel = "NAME", arity = "0..*") @Nullable List<String> names,
            @Option(names = "--url", paramLabel = "URL", description = "The coordinator, on this machine, whose workers are to read what they hold as well (default: http://localhost:8080 if one answers there).") @Nullable URI url)
            throws LibraryException, CommandException, InterruptedException {
        ModelLibrary library = library();
        List<String> wanted = names == null || names.isEmpty()
                ? library.list().stream().map(StoredModel::name).toList()
                : names;
        List<StoredModel> models = new ArrayList<>();
        for (String name : wanted) {
            models.add(library.get(name));
        }
        try (var remote = new RemoteWeights(url == null ? LOCAL : url)) {
            Optional<String> hosted = remote.hostedDigest();
            if (hosted.isEmpty() && url != null) {
                throw new CommandException("no Barnraiser answers at " + url + ".");
            }
            boolean sound = true;
            for (StoredModel model : models) {
                boolean isHosted = hosted.equals(Optional.of(model.digest()));
                sound &= isSound(library, model, isHosted ? remote.workerAddresses() : List.of());
            }
            boolean concerned = models.stream().anyMatch(model -> hosted.equals(Optional.of(model.digest())));
            if (hosted.isPresent() && (url != null || concerned)) {
                sound &= areWorkersSound(remote, hosted.get());
            }
            return sound ? 0 : 1;
        } finally {
            out().flush();
        }
    }

    /** @param workers from which damaged tensors may be had */
    private boolean isSound(ModelLibrary library, StoredModel model, List<String> workers) throws LibraryException {
        List<Damage> damages;
        try (ProgressLine progress = progress()) {
            damages = new Verification(library, progress).verify(model);
        }
        if (damages.isEmpty()) {
            out().println(model.name() + " is as it was: sha256:" + model.digest());
        }
        for (Damage damage : damages) {
            boolean repaired = !workers.isEmpty() && new Repair(library, workers, links()).repair(model, damage);
            out().println(model.name() + " is damaged: " + damage.part() + " in " + damage.file()
                    + (repaired ? "; it is repaired from a worker's copy" : ""));
        }
        return damages.isEmpty();
    }

    /** Whether the workers hold what they should. */
    private boolean areWorkersSound(RemoteWeights remote, String digest)
            throws CommandException, InterruptedException {
        JsonNode state;
        try (ProgressLine progress = progress()) {
            state = remote.verify(progress);
        }
        for (JsonNode damage : state.path("damages")) {
            out().println("tensor " + Lines.plain(damage.path("tensor").asText(), MAX_TEXT) + " was damaged on worker "
                    + Lines.plain(damage.path("worker").asText(), MAX_TEXT)
                    + (damage.path("repaired").asBoolean() ? " and is repaired" : " and is not repaired"));
        }
        state.path("failures").forEach(failure -> out().println(Lines.plain(failure.asText(), MAX_TEXT)));
        boolean sound = state.path("damages").isEmpty() && state.path("failures").isEmpty();
        if (sound) {
            int workers = state.path("workers").size();
            out().println(
                    (workers == 1 ? "1 worker holds" : workers + " workers hold") + " it as it was: sha256:" + digest);
        }
        return sound;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Deletes a model from this host.")
    int remove(@Parameters(paramLabel = "NAME") String name) throws LibraryException {
        library().remove(name);
        out().println(name + " is removed.");
        out().flush();
        return 0;
    }

    @Command(name = "export", mixinStandardHelpOptions = true, description = "Copies a model with its record, so that it can be handed on.")
    int export(@Parameters(paramLabel = "NAME") String name, @Parameters(paramLabel = "FOLDER") Path folder)
            throws LibraryException {
        out().println(name + " is in " + library().export(name, folder.toAbsolutePath().normalize()) + ".");
        out().flush();
        return 0;
    }
}
