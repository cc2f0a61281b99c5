package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.EmbeddedZooKeeper;
import org.barnraiser.coordinator.cluster.ModelToHost;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.jspecify.annotations.Nullable;
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

    @Option(names = "--zookeeper", paramLabel = "H:P[,H:P…]", description = "The cluster's ZooKeeper; tls://H:P for one that wants"
            + " certificates (default: what the first coordinator said when this one joined, else one in this process).")
    private @Nullable String zooKeeper;

    @Option(names = "--zookeeper-port", paramLabel = "P", defaultValue = "2181", description = "Where the ZooKeeper in this process listens,"
            + " at the address of --listen (default: ${DEFAULT-VALUE}).")
    private int zooKeeperPort;

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
            HostAndPort listening = listening();
            ClusterTrust known = trust.trust(data.path(), listening);
            trust.words(known, listening).ifPresent(spec.commandLine().getOut()::println);
            CoordinatorConfig config = config(data, zooKeeper(data, listening, known, lifetime));
            Endpoint endpoint = lifetime.own(Endpoint.start(config, known, hosting));
            endpoint.announce(spec.commandLine().getOut(), lifetime);
        }
        return 0;
    }

    private HostAndPort listening() throws CommandException {
        try {
            return HostAndPort.fromString(listen).withDefaultPort(0);
        } catch (IllegalArgumentException e) {
            throw new CommandException("a bad option: --listen " + listen + " is no address; host:port is wanted.", e);
        }
    }

    private String zooKeeper(DataDirectory data, HostAndPort listening, ClusterTrust known, Lifetime lifetime)
            throws CommandException, ClusterException {
        Optional<String> elsewhere = Optional.ofNullable(zooKeeper).or(known::zooKeeper);
        if (elsewhere.isPresent()) {
            return elsewhere.get();
        }
        HostAndPort address = HostAndPort.fromParts(listening.getHost(), zooKeeperPort);
        return lifetime.own(EmbeddedZooKeeper.start(data.path(), address, known.links())).connectString();
    }

    private CoordinatorConfig config(DataDirectory data, String ensemble)
            throws CommandException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<ModelToHost> hosted = hosting.models(models, data.path(), out);
        Optional<ModelToHost> draft = hosting.draft(data.path(), out);
        try {
            return CoordinatorConfig.of(ensemble, hosted.getFirst().file(), data.path())
                    .withModels(hosted).withAliases(hosting.aliases())
                    .withListen(listening())
                    .withMinWorkers(minWorkers).withStages(stages).withPipelines(hosting.pipelines())
                    .withPipeline(hosting.pipeline())
                    .withAim(hosting.aim()).withWeights(hosting.weights()).withDraft(draft);
        } catch (IllegalArgumentException e) {
            throw new CommandException("a bad option: " + e.getMessage() + ".", e);
        }
    }
}
