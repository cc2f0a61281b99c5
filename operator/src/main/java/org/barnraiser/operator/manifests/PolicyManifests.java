package org.barnraiser.operator.manifests;

import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1NetworkPolicyIngressRule;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPeer;
import io.kubernetes.client.openapi.models.V1NetworkPolicyPort;
import io.kubernetes.client.openapi.models.V1NetworkPolicySpec;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudgetSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.manifests.Names.Component;

/** Who may take pods away, and who may talk to them. */
final class PolicyManifests {
    private final InferenceCluster cluster;
    private final Names names;
    private final Settings settings;

    PolicyManifests(InferenceCluster cluster, Settings settings) {
        this.cluster = cluster;
        this.names = Names.of(cluster);
        this.settings = settings;
    }

    /** Nodes are emptied one worker, one coordinator, one server at a time. */
    List<Manifest> disruptionBudgets() {
        String version = settings.offers().disruptionBudgets();
        return version.isEmpty()
                ? List.of()
                : components().map(component -> Manifest.of(cluster,
                        "poddisruptionbudgets",
                        new V1PodDisruptionBudget().apiVersion("policy/" + version).kind("PodDisruptionBudget")
                                .metadata(metadata(component))
                                .spec(new V1PodDisruptionBudgetSpec().maxUnavailable(new IntOrString(1))
                                        .selector(new V1LabelSelector().matchLabels(names.selector(component))))))
                        .toList();
    }

    List<Manifest> networkPolicies() {
        return !cluster.spec().networkPolicy()
                ? List.of()
                : components().map(component -> Manifest.of(cluster,
                        "networkpolicies",
                        new V1NetworkPolicy().apiVersion("networking.k8s.io/v1").kind("NetworkPolicy")
                                .metadata(metadata(component))
                                .spec(new V1NetworkPolicySpec().addPolicyTypesItem("Ingress")
                                        .podSelector(new V1LabelSelector().matchLabels(names.selector(component)))
                                        .ingress(rules(component)))))
                        .toList();
    }

    private List<V1NetworkPolicyIngressRule> rules(Component component) {
        return switch (component) {
            case WORKER -> List.of(own(Names.WORKER_PORT));
            case COORDINATOR -> List.of(anybody(Names.HTTP_PORT), own(Names.WEIGHTS_PORT));
            case ZOOKEEPER -> {
                List<V1NetworkPolicyIngressRule> rules = new ArrayList<>(List.of(own(Names.ZOOKEEPER_PORT)));
                V1NetworkPolicyIngressRule peers = new V1NetworkPolicyIngressRule()
                        .addFromItem(new V1NetworkPolicyPeer().podSelector(
                                new V1LabelSelector().matchLabels(names.selector(Component.ZOOKEEPER))));
                rules.add(peers.addPortsItem(port(2888)).addPortsItem(port(3888)));
                yield rules;
            }
        };
    }

    /** For the cluster's own pods, and machines outside when they are allowed. */
    private V1NetworkPolicyIngressRule own(int port) {
        V1NetworkPolicyIngressRule rule = anybody(port);
        return cluster.spec().externalWorkers().allowed()
                ? rule
                : rule.addFromItem(new V1NetworkPolicyPeer()
                        .podSelector(new V1LabelSelector().matchLabels(names.instance())));
    }

    private static V1NetworkPolicyIngressRule anybody(int port) {
        return new V1NetworkPolicyIngressRule().addPortsItem(port(port));
    }

    private static V1NetworkPolicyPort port(int port) {
        return new V1NetworkPolicyPort().port(new IntOrString(port)).protocol("TCP");
    }

    private Stream<Component> components() {
        return Stream.of(Component.values())
                .filter(component -> component != Component.ZOOKEEPER || cluster.spec().zooKeeper().managed());
    }

    private V1ObjectMeta metadata(Component component) {
        return new V1ObjectMeta().name(names.of(component)).labels(names.labels(component));
    }
}
