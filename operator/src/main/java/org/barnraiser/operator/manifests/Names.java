package org.barnraiser.operator.manifests;

import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.operator.crd.InferenceCluster;

/** How things of one cluster are called, and the labels by which they are found. */
public record Names(String namespace, String cluster) {
    public static final String POOL_LABEL = "barnraiser.org/pool";
    public static final String MANAGED_BY = "barnraiser-operator";
    static final int HTTP_PORT = 8080;
    static final int WORKER_PORT = 9090;
    static final int WEIGHTS_PORT = 9091;
    static final int ZOOKEEPER_PORT = 2181;

    /** The programs. */
    public enum Component {
        COORDINATOR, WORKER, ZOOKEEPER;

        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public static Names of(InferenceCluster cluster) {
        return new Names(cluster.namespace(), cluster.name());
    }

    public String of(Component component) {
        return cluster + "-" + component.label();
    }

    public String pool(String pool) {
        return of(Component.WORKER) + "-" + pool;
    }

    /** The Service by which machines of the cluster reach coordinators. */
    String coordinatorPeers() {
        return of(Component.COORDINATOR) + "-peers";
    }

    /** The Secret with the cluster's authority. */
    public String authority() {
        return cluster + "-authority";
    }

    /** The Secret with keys for the API. */
    public String keys() {
        return cluster + "-keys";
    }

    String zooKeeperPeers() {
        return of(Component.ZOOKEEPER) + "-peers";
    }

    String zooKeeperExternal() {
        return of(Component.ZOOKEEPER) + "-external";
    }

    /** Of everything. */
    Map<String, String> labels(Component component) {
        Map<String, String> labels = new TreeMap<>(selector(component));
        labels.put("app.kubernetes.io/part-of", "barnraiser");
        labels.put("app.kubernetes.io/managed-by", MANAGED_BY);
        return labels;
    }

    Map<String, String> selector(Component component) {
        Map<String, String> labels = new TreeMap<>(instance());
        labels.put("app.kubernetes.io/component", component.label());
        return labels;
    }

    Map<String, String> instance() {
        return new TreeMap<>(Map.of("app.kubernetes.io/name", "barnraiser", "app.kubernetes.io/instance", cluster));
    }

    /** As the API server takes it in a query. */
    public String selectorText(Component component) {
        return text(selector(component));
    }

    public String instanceText() {
        return text(instance());
    }

    private static String text(Map<String, String> labels) {
        return String.join(",", labels.entrySet().stream().map(label -> label.getKey() + "=" + label.getValue())
                .toList());
    }

    /** Of a Service, inside Kubernetes. */
    public String host(String service) {
        return service + "." + namespace + ".svc";
    }

    public String endpoint() {
        return "http://" + host(of(Component.COORDINATOR)) + ":" + HTTP_PORT;
    }
}
