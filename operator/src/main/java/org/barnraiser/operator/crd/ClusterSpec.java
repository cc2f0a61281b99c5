package org.barnraiser.operator.crd;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.operator.kube.Tree;

/**
 * What is wanted. Defaults are those of the schema, for objects that were made before a field had one.
 *
 * @param pipelines times that the model is hosted as a whole, as far as there are workers
 * @param replicas workers altogether, when somebody else decides
 * @param pools in the order in which they are filled
 * @param tls whether machines show each other certificates
 * @param open whether readers need no key
 */
public record ClusterSpec(Model model, Images images, int context, int slots, int stages, int pipelines, String wire,
        Duration patience, Duration drain, OptionalInt replicas, boolean paused, List<Pool> pools,
        Coordinator coordinator, ZooKeeper zooKeeper, ExternalWorkers externalWorkers, Autoscaling autoscaling,
        boolean interruptForUpgrade, Optional<Ingress> ingress, boolean networkPolicy, boolean serviceMonitor,
        boolean tls, boolean open) {

    /**
     * The model to host.
     *
     * @param digest with the prefix {@code sha256:}; empty when any will do
     * @param claim of a volume with model files; empty for none
     */
    public record Model(String source, String digest, String claim) {}

    /** What to run; empty for the operator's own default. */
    public record Images(String coordinator, String worker, String zooKeeper, String pullPolicy,
            List<String> pullSecrets) {}

    /** Requests and limits, as they are written. */
    public record Resources(Map<String, String> requests, Map<String, String> limits) {
        static Resources read(Tree tree) {
            return new Resources(tree.at("requests").texts(), tree.at("limits").texts());
        }
    }

    /** Disk that outlives a pod. */
    public record Storage(String size, String storageClass, boolean deletedWithCluster) {
        static Optional<Storage> read(Tree tree) {
            return tree.at("size").optionalText().map(size -> new Storage(size, tree.at("storageClassName").text(),
                    !tree.at("onDelete").text().equals("Retain")));
        }
    }

    /**
     * Coordinators.
     *
     * @param claim of a volume for their data; empty for none
     * @param databaseSecret with the url of the database of members; empty for a file of each coordinator
     */
    public record Coordinator(int replicas, String claim, String databaseSecret, String serviceType,
            Resources resources, Map<String, String> nodeSelector) {}

    /** @param connectString empty when the operator runs one */
    public record ZooKeeper(String connectString, int replicas, Optional<Storage> storage) {
        public boolean managed() {
            return connectString.isEmpty();
        }
    }

    /** Machines outside Kubernetes. */
    public record ExternalWorkers(boolean allowed, String serviceType) {}

    /** @param zeroAfter without any reader; zero is never */
    public record Autoscaling(boolean enabled, int waitingReaders, double tokensPerSecondPerReader, int busyPercent,
            Duration scaleUp, Duration scaleDown, Duration zeroAfter) {
        public boolean toZero() {
            return zeroAfter.isPositive();
        }
    }

    /** How readers outside reach it. */
    public record Ingress(String host, String className, String tlsSecret, Map<String, String> annotations) {}

    static ClusterSpec read(Tree spec) {
        Tree model = spec.at("model");
        Tree images = spec.at("images");
        Tree coordinator = spec.at("coordinator");
        Tree zooKeeper = spec.at("zookeeper");
        Tree external = spec.at("externalWorkers");
        return new ClusterSpec(
                new Model(model.at("source").text(), digest(model.at("digest").text()), model.at("claim").text()),
                new Images(images.at("coordinator").text(), images.at("worker").text(), images.at("zookeeper").text(),
                        images.at("pullPolicy").text("IfNotPresent"),
                        images.at("pullSecrets").items().stream().map(Tree::text).toList()),
                spec.at("context").count(0), spec.at("slots").count(4), spec.at("stages").count(0),
                spec.at("pipelines").count(1),
                spec.at("wire").text("AUTO"), seconds(spec, "patienceSeconds", 60), seconds(spec, "drainSeconds", 60),
                spec.at("replicas").optionalCount(), spec.at("paused").flag(false),
                spec.at("pools").items().stream().map(Pool::read).toList(),
                new Coordinator(coordinator.at("replicas").count(1), coordinator.at("claim").text(),
                        coordinator.at("databaseSecret").text(), coordinator.at("serviceType").text("ClusterIP"),
                        Resources.read(coordinator.at("resources")),
                        coordinator.at("nodeSelector").texts()),
                new ZooKeeper(zooKeeper.at("connectString").text(), zooKeeper.at("replicas").count(1),
                        Storage.read(zooKeeper.at("storage"))),
                new ExternalWorkers(external.at("allowed").flag(false), external.at("serviceType").text("NodePort")),
                autoscaling(spec.at("autoscaling")),
                spec.at("upgrade", "withoutSpare").text().equals("Interrupt"), ingress(spec.at("ingress")),
                spec.at("networkPolicy").flag(true), spec.at("serviceMonitor").flag(true),
                spec.at("tls", "enabled").flag(true), spec.at("open").flag(false));
    }

    private static String digest(String text) {
        return text.isEmpty() || text.startsWith("sha256:") ? text : "sha256:" + text;
    }

    private static Duration seconds(Tree tree, String name, int fallback) {
        return Duration.ofSeconds(tree.at(name).number(fallback));
    }

    private static Autoscaling autoscaling(Tree tree) {
        return new Autoscaling(tree.at("enabled").flag(false), tree.at("waitingReaders").count(4),
                tree.at("tokensPerSecondPerReader").decimal(0), tree.at("busyPercent").count(95),
                seconds(tree, "scaleUpSeconds", 15), seconds(tree, "scaleDownSeconds", 300),
                seconds(tree, "zeroAfterSeconds", 0));
    }

    private static Optional<Ingress> ingress(Tree tree) {
        return tree.at("host").optionalText().map(host -> new Ingress(host, tree.at("className").text(),
                tree.at("tlsSecretName").text(), tree.at("annotations").texts()));
    }

    /** Fewest workers, unless all of them sleep. */
    public int minWorkers() {
        return pools.stream().mapToInt(Pool::minReplicas).sum();
    }

    public int maxWorkers() {
        return pools.stream().mapToInt(Pool::maxReplicas).sum();
    }
}
