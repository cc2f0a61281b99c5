package org.barnraiser.worker.engine;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.worker.data.DataFolder;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn engine}: the llama.cpp builds of this machine. Exit code 0, 1 when it cannot be done, 2 when an option is wrong. */
@Command(name = "engine", mixinStandardHelpOptions = true, description = "The llama.cpp builds on this machine, and what they compute on.")
public final class EngineCommand {
    /** For one package, over a slow line. */
    private static final Duration FETCH = Duration.ofHours(1);

    private final EngineCatalogue catalogue;
    private final Map<String, String> environment;

    @Spec
    private @Nullable CommandSpec spec;

    EngineCommand(EngineCatalogue catalogue, Map<String, String> environment) {
        this.catalogue = catalogue;
        this.environment = Map.copyOf(environment);
    }

    public static void main(String[] args) {
        System.exit(commandLine(EngineCatalogue.here(), System.getenv()).execute(args));
    }

    /** @param environment of which BARN_ENGINE_PATH, PATH and what npm reads matter */
    static CommandLine commandLine(EngineCatalogue catalogue, Map<String, String> environment) {
        return new CommandLine(new EngineCommand(catalogue, environment)).setParameterExceptionHandler((e, _) -> {
            e.getCommandLine().getErr().println("barn engine: " + e.getMessage() + " (see './barn engine --help')");
            e.getCommandLine().getErr().flush();
            return CommandLine.ExitCode.USAGE;
        }).setExecutionExceptionHandler((e, command, _) -> {
            command.getErr().println("barn engine: " + e.getMessage());
            command.getErr().flush();
            return CommandLine.ExitCode.SOFTWARE;
        });
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Tries every llama.cpp that is found, each in a process of its own.")
    int list(
            @Mixin DataFolder data,
            @Option(names = "--llama-lib", paramLabel = "DIR", defaultValue = "${env:BARN_LLAMA_LIB}", description = "a folder with one more (default: $BARN_LLAMA_LIB)") @Nullable Path library,
            @Option(names = "--json", description = "print it as JSON") boolean json) throws InterruptedException {
        Path folder = usable(data);
        Optional<Path> given = Optional.ofNullable(library).filter(path -> !path.equals(Path.of(EngineChoice.BUNDLED)));
        List<EngineLocation> found = new EngineSearch(SearchPlaces.of(folder, given, environment)).find();
        List<TriedEngine> tried = new Trials(folder, EngineProbe.ofThisProgram()).afresh(found);
        var listing = new EngineListing(tried, library == null
                ? EngineChoice.among(tried, List.of())
                : EngineChoice.given(library));
        if (json) {
            out().println(listing.json());
        } else {
            listing.lines().forEach(out()::println);
        }
        out().flush();
        return CommandLine.ExitCode.OK;
    }

    @Command(name = "install", mixinStandardHelpOptions = true, description = "Fetches a llama.cpp that is ready to use with this machine's npm.")
    int install(
            @Parameters(paramLabel = "KIND", description = "cuda (NVIDIA), vulkan (any GPU), or cpu; metal on a Mac") String kind,
            @Mixin DataFolder data)
            throws EngineException, InterruptedException {
        Path folder = usable(data);
        Path installed = new EngineInstaller(folder, catalogue, environment, FETCH).install(kind, sentence -> {
            out().println(sentence);
            out().flush();
        });
        TriedEngine tried = new Trials(folder, EngineProbe.ofThisProgram())
                .afresh(List.of(EngineLocation.in(EngineSource.INSTALLED, installed))).getFirst();
        EngineListing.lines(tried, false).forEach(out()::println);
        out().flush();
        return switch (tried) {
            case Usable engine -> {
                if (engine.gpus().isEmpty() && !kind.equals("cpu")) {
                    out().println("It opens, but sees no GPU: see that the driver is installed"
                            + (kind.equals("cuda")
                                    ? ", and the CUDA runtime 13 or 12 (libcudart, libcublas)."
                                    : kind.equals("vulkan") ? ", and Vulkan's loader (libvulkan1)." : "."));
                } else {
                    out().println("Workers of this data folder use it from their next start on.");
                }
                out().flush();
                yield CommandLine.ExitCode.OK;
            }
            case Unusable _ -> CommandLine.ExitCode.SOFTWARE;
        };
    }

    private Path usable(DataFolder data) {
        Path folder = data.path();
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new ParameterException(command(), "--data " + folder + " is no folder.");
        }
        return folder;
    }

    private CommandLine command() {
        return spec == null ? commandLine(catalogue, environment) : spec.commandLine();
    }

    private PrintWriter out() {
        return command().getOut();
    }
}
