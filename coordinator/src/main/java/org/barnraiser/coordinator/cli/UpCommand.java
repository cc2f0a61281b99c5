package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.trust.ClusterTrust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn up}: ZooKeeper, a coordinator and workers on this machine, until Ctrl-C. */
@Command(name = "up", mixinStandardHelpOptions = true, description = "Hosts a model with everything on this machine.")
final class UpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HostingOptions hosting;

    @Option(names = "--model", paramLabel = "MODEL", description = "Model to host: a GGUF file, a name that 'barn model list' shows,"
            + " hf:owner/repo[/quantisation] or a web address; once for each model (default: the built-in demo model).")
    private List<String> models = List.of();

    @Option(names = "--workers", paramLabel = "N", defaultValue = "2", description = "Worker processes (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(names = "--stages", paramLabel = "S", defaultValue = "0", description = "Workers to split the model over; the others"
            + " stand by (default: all of them, shared out among the pipelines).")
    private int stages;

    @Option(names = "--threads", paramLabel = "T", defaultValue = "0", description = "Threads each worker computes with"
            + " (default: the processors, shared out evenly).")
    private int threads;

    @Mixin
    private EngineOptions engine;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    UpCommand() {}

    @Override
    public Integer call() throws CommandException, ClusterException, InterruptedException {
        if (workers < 1 || workers > 64 || threads < 0) {
            throw new CommandException("--workers must be from 1 to 64 and --threads at least 1.");
        }
        if (stages < 0 || stages > workers) {
            throw new CommandException("--stages must be from 1 to the number of workers, " + workers + ".");
        }
        if (hosting.pipelines() > workers) {
            throw new CommandException("--pipelines must be at most the number of workers, " + workers
                    + ", as each needs one of its own.");
        }
        List<String> engineArguments = engine.arguments();
        PrintWriter out = spec.commandLine().getOut();
        try (Lifetime lifetime = new Lifetime()) {
            DataDirectory data = lifetime.own(hosting.openData());
            List<ModelToHost> hosted = models.isEmpty()
                    ? List.of(new ModelToHost(DemoModel.writeTo(data.folder("models")), Optional.empty()))
                    : hosting.models(models, data.path(), out);
            Optional<ModelToHost> draft = hosting.draft(data.path(), out);
            EmbeddedZooKeeper zooKeeper = lifetime.own(EmbeddedZooKeeper.start(data.path()));
            CoordinatorConfig config = CoordinatorConfig
                    .of(zooKeeper.connectString(), hosted.getFirst().file(), data.path())
                    .withModels(hosted).withAliases(hosting.aliases())
                    .withMinWorkers(workers).withStages(stages == 0 ? workers / hosting.pipelines() : stages)
                    .withPipelines(hosting.pipelines())
                    .withPipeline(hosting.pipeline()).withAim(hosting.aim())
                    .withWeights(hosting.weights())
                    .withDraft(draft);
            Endpoint endpoint = lifetime.own(Endpoint.start(config, ClusterTrust.plain(), hosting));
            lifetime.own(
                    LocalWorkers.start(new LocalWorkers.Settings(workers, threads, engineArguments),
                            zooKeeper.connectString(), data.path(), data.folder("logs")));
            endpoint.announce(out, lifetime);
        }
        return 0;
    }
}
