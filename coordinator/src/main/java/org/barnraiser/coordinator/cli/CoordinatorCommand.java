package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.util.List;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.trust.ClusterTrust;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code barn coordinator}: splits a model over the workers that are registered in a ZooKeeper, and answers readers. */
@Command(name = "coordinator", mixinStandardHelpOptions = true, description = "Hosts models with the workers of a cluster.")
final class CoordinatorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private HostingOptions hosting;

    @Mixin
    private TrustOptions trust;

    @Option(names = "--zookeeper", required = true, paramLabel = "H:P[,H:P…]", description = "The cluster's ZooKeeper.")
    private String zooKeeper;

    @Option(names = "--model", required = true, paramLabel = "MODEL", description = "Model to host: a GGUF file, a name that"
            + " 'barn model list' shows, hf:owner/repo[/quantisation] or a web address; once for each model.")
    private List<String> models = List.of();

    @Option(names = "--listen", paramLabel = "H:P", defaultValue = "127.0.0.1:0", description = "Where workers fetch weights;"
            + " must be an address that they reach (default: ${DEFAULT-VALUE}).")
    private String listen;

    @Option(names = "--min-workers", paramLabel = "N", defaultValue = "1", description = "Wait for so many workers before the"
            + " first plan (default: ${DEFAULT-VALUE}).")
    private int minWorkers;

    @Option(names = "--stages", paramLabel = "S", defaultValue = "0", description = "Machines to split the model over; the others"
            + " stand by (default: as few as it fits on).")
    private int stages;

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    CoordinatorCommand() {}

    @Override
    public Integer call() throws CommandException, ClusterException, InterruptedException {
        try (Lifetime lifetime = new Lifetime()) {
            DataDirectory data = lifetime.own(hosting.openData());
            CoordinatorConfig config = config(data);
            ClusterTrust known = trust.trust(data.path(), config.listen());
            trust.words(known, config.listen()).ifPresent(spec.commandLine().getOut()::println);
            Endpoint endpoint = lifetime.own(Endpoint.start(config, known, hosting));
            endpoint.announce(spec.commandLine().getOut(), lifetime);
        }
        return 0;
    }

    private CoordinatorConfig config(DataDirectory data) throws CommandException, InterruptedException {
        List<ModelToHost> hosted = ModelChoice.of(models, hosting.copiesWeights(), data.path(),
                spec.commandLine().getOut());
        try {
            return CoordinatorConfig.of(zooKeeper, hosted.getFirst().file(), data.path())
                    .withModels(hosted).withAliases(hosting.aliases())
                    .withListen(HostAndPort.fromString(listen).withDefaultPort(0))
                    .withMinWorkers(minWorkers).withStages(stages).withPipeline(hosting.pipeline())
                    .withAim(hosting.aim()).withWeights(hosting.weights());
        } catch (IllegalArgumentException e) {
            throw new CommandException("a bad option: " + e.getMessage() + ".", e);
        }
    }
}
