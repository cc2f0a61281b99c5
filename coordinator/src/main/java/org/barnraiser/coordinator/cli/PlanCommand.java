package org.barnraiser.coordinator.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.account.Credential;
import org.barnraiser.coordinator.fit.Advice;
import org.barnraiser.coordinator.fit.Catalogue;
import org.barnraiser.coordinator.fit.Fit;
import org.barnraiser.coordinator.fit.FitCheck;
import org.barnraiser.coordinator.fit.Machine;
import org.barnraiser.coordinator.fit.MachineLine;
import org.barnraiser.coordinator.fit.PlannedModel;
import org.barnraiser.coordinator.fit.ThisMachine;
import org.barnraiser.coordinator.fit.Wanted;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelHeader;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.barnraiser.coordinator.library.ModelSource;
import org.barnraiser.coordinator.library.Sources;
import org.barnraiser.coordinator.plan.Aim;
import org.barnraiser.coordinator.plan.QuickestPlanner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code barn plan}: will it fit, and how fast will it be? Needs no cluster, and fetches no weights. */
@Command(name = "plan", mixinStandardHelpOptions = true, description = "Says whether a model fits on machines, and about how fast it will be.")
final class PlanCommand implements Callable<Integer> {
    private static final int MAX_READERS = 64;
    private static final int MAX_CONTEXT_TOKENS = 1 << 22;
    /** Of a computer of which nobody says how fast it reads its memory. */
    private static final double ASSUMED_BANDWIDTH = 50e9;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "A GGUF file, a name that 'barn model list' shows,"
            + " hf:owner/repo[/file-or-quantisation][@revision], or a web address. Only its header is read.")
    private @Nullable String model;

    @Option(names = "--machine", paramLabel = "MACHINE", description = "A machine, such as 'name=attic,memory=24G,bandwidth=900GB/s',"
            + " a kind from the catalogue such as rtx-3090, or several: '3x pc-ddr4-32g'. More keys: compute=35TFLOPS, network=1Gbit/s,"
            + " latency=0.5ms, type=rtx-3090, trusted=yes, count=3. May be given often (default: this machine, as measured).")
    private List<String> machines = List.of();

    @Option(names = "--url", description = "Take the machines of the cluster whose endpoint this is.")
    private @Nullable URI url;

    @Mixin
    private Credential credential;

    @Option(names = "--context", paramLabel = "TOKENS", defaultValue = "0", description = "Tokens one conversation may use"
            + " (default: what the model was trained for, at most 4096).")
    private int contextTokens;

    @Option(names = "--slots", paramLabel = "N", defaultValue = "4", description = "Answers at the same time (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--readers", paramLabel = "N", defaultValue = "8", description = "Readers who ask at the same time, beside one alone"
            + " (default: ${DEFAULT-VALUE}).")
    private int readers;

    @Option(names = "--optimise", paramLabel = "WHAT", defaultValue = "latency", description = "latency: the shortest time per token for"
            + " one reader; throughput: the most tokens for all readers together (default: ${DEFAULT-VALUE}).")
    private Optimise optimise = Optimise.LATENCY;

    @Option(names = "--trusted-ends", description = "First and last layers only on machines with trusted=yes: these see what people write.")
    private boolean trustedEnds;

    @Option(names = "--hub", paramLabel = "URL", description = "A mirror of the model hub (default: $HF_ENDPOINT, else"
            + " https://huggingface.co). A token is taken from $HF_TOKEN.")
    private @Nullable URI hub;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print the answer as JSON.")
    private boolean json;

    @Option(names = "--catalogue", description = "Show the machines that have a name here, and nothing else.")
    private boolean catalogue;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    PlanCommand() {}

    @Override
    public Integer call() throws CommandException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (catalogue) {
            PlanText.catalogue(Catalogue.standard()).forEach(out::println);
            out.flush();
            return 0;
        }
        checkNumbers();
        // What costs nothing to find wrong is found before anything is fetched.
        ImmutableList<Machine> described = described();
        PlannedModel planned = model();
        ImmutableList.Builder<String> assumptions = ImmutableList.builder();
        ImmutableList<Machine> all = assumed(machines(described, assumptions), assumptions);
        Wanted wanted = new Wanted(
                new Aim(optimise == Optimise.LATENCY ? 1 : Math.min(readers, slots), trustedEnds), readers,
                slots, false);
        FitCheck check = new FitCheck(new QuickestPlanner());
        Fit fit = check.check(planned.model(), all, wanted);
        if (json) {
            out.println(PlanJson.of(planned, fit, assumptions.build()));
        } else {
            Advice advice = Advice.of(check, planned.model(), planned.bitsPerWeight(), all, wanted, fit);
            new PlanText(planned, fit, advice, wanted).lines(assumptions.build()).forEach(out::println);
        }
        out.flush();
        return 0;
    }

    private void checkNumbers() throws CommandException {
        if (readers < 1 || readers > MAX_READERS || slots < 1 || slots > MAX_READERS) {
            throw new CommandException("--readers and --slots must be from 1 to " + MAX_READERS + ".");
        }
        if (contextTokens < 0 || contextTokens > MAX_CONTEXT_TOKENS) {
            throw new CommandException(
                    "--context is " + contextTokens + "; it must be from 1 to " + MAX_CONTEXT_TOKENS + " tokens.");
        }
    }

    private ImmutableList<Machine> described() throws CommandException {
        try {
            return new MachineLine(Catalogue.standard()).parse(machines);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private PlannedModel model() throws CommandException, InterruptedException {
        if (model == null) {
            throw new CommandException(
                    "a model is missing; name a GGUF file, hf:owner/repo/quantisation or a web address.");
        }
        try (ModelHeader header = ModelHeader.read(source(model), Sources.ofEnvironment(Optional.ofNullable(hub)))) {
            return PlannedModel.of(header.model(), contextTokens, slots);
        } catch (LibraryException | GgufException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /** A path, else a name in the library. */
    private ModelSource source(String text) throws LibraryException, CommandException {
        if (ModelSource.parse(text) instanceof ModelSource.LocalFile(Path path) && !Files.exists(path)) {
            if (path.getNameCount() > 1 || text.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
                throw new CommandException("there is no file " + path + "; check the path.");
            }
            ModelLibrary library = ModelLibrary
                    .in(DataDirectory.pathOf(data));
            return new ModelSource.LocalFile(library.file(library.get(text)));
        }
        return ModelSource.parse(text);
    }

    private ImmutableList<Machine> machines(ImmutableList<Machine> described,
            ImmutableList.Builder<String> assumptions) throws CommandException, InterruptedException {
        if (url != null) {
            ImmutableSet<String> taken = described.stream().map(Machine::name).collect(ImmutableSet.toImmutableSet());
            return ImmutableList.<Machine>builder().addAll(described)
                    .addAll(new ClusterMachines(url, credential).fetch(taken))
                    .build();
        }
        if (!described.isEmpty()) {
            return described;
        }
        assumptions.add(
                "No machine was named, so this is what this machine would do by itself, as it was measured just now,"
                        + " without a graphics card.");
        return ImmutableList.of(ThisMachine.measured());
    }

    private static ImmutableList<Machine> assumed(ImmutableList<Machine> machines,
            ImmutableList.Builder<String> assumptions) {
        ImmutableList.Builder<Machine> complete = ImmutableList.builder();
        for (Machine machine : machines) {
            if (machine.pace().isPresent()) {
                complete.add(machine);
            } else {
                complete.add(new Machine(machine.name(), machine.memoryBytes(),
                        Optional.of(Machine.Pace.onPaper(ASSUMED_BANDWIDTH, OptionalDouble.empty())), machine.link(),
                        machine.trusted()));
                assumptions.add("Nobody said how fast " + machine.name()
                        + " reads its memory; 50 GB/s is assumed. Say it with bandwidth=.");
            }
        }
        return complete.build();
    }
}
