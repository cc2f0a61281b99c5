package org.barnraiser.coordinator.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.adapter.AdapterException;
import org.barnraiser.coordinator.adapter.AdapterStore;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ManifestCache;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code barn adapter}: the adapters that this host has for its models. It works on the data folder; a coordinator reads it when it starts. */
@Command(name = "adapter", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "add|list|remove", description = "Keeps adapters (LoRA) that people may ask for by MODEL+ADAPTER.")
final class AdapterCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", scope = ScopeType.INHERIT, description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    AdapterCommand() {}

    @Override
    public void run() {
        spec.commandLine().usage(out());
    }

    private Path folder() {
        return DataDirectory.pathOf(data);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    @Command(name = "add", mixinStandardHelpOptions = true, description = "Checks an adapter against its model and keeps a copy of it. Coordinators have it after their next start.")
    int add(@Parameters(paramLabel = "FILE", description = "A LoRA adapter as GGUF.") Path file,
            @Option(names = "--model", required = true, paramLabel = "MODEL", description = "The model that it changes: a file, or a name of 'barn model list'.") String model,
            @Option(names = "--name", paramLabel = "NAME", description = "What to call it (default: after its file).") @Nullable String name)
            throws CommandException, AdapterException, GgufException, InterruptedException {
        ModelToHost choice = ModelChoice.of("--model", model, false, folder(), out());
        String called = Optional.ofNullable(name)
                .orElseGet(() -> file.getFileName().toString().replaceFirst("\\.gguf$", ""));
        try (ModelFile opened = ModelFile.open(choice.file())) {
            new AdapterStore(folder()).add(file, called, opened, digest(opened, choice));
        }
        out().println("The adapter " + called + " fits; coordinators that start from now on answer for MODEL+" + called
                + ".");
        return 0;
    }

    /** The weights of a model that is elsewhere were hashed when it came. */
    private String digest(ModelFile model, ModelToHost choice) throws GgufException, CommandException {
        if (choice.origin().isEmpty()) {
            return new ManifestCache(folder().resolve("manifests")).manifestOf(model, (_, _) -> {}).digest();
        }
        try {
            return Manifest.known(model, Files.readAllLines(choice.origin().get().manifest())).digest();
        } catch (IOException e) {
            throw new CommandException("the manifest of the model cannot be read (" + e.getMessage() + ").", e);
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the adapters and the digests of their models.")
    int list() throws AdapterException {
        List<AdapterStore.Stored> stored = new AdapterStore(folder()).all();
        if (stored.isEmpty()) {
            out().println("There are no adapters; 'barn adapter add FILE --model MODEL' brings one here.");
        }
        stored.forEach(adapter -> out().println(adapter.name() + "  for sha256:" + adapter.modelDigest()));
        return 0;
    }

    @Command(name = "remove", mixinStandardHelpOptions = true, description = "Forgets an adapter. Coordinators that run keep it until they stop.")
    int remove(@Parameters(paramLabel = "NAME") String name) throws AdapterException {
        new AdapterStore(folder()).remove(name);
        out().println("The adapter " + name + " is removed.");
        return 0;
    }
}
