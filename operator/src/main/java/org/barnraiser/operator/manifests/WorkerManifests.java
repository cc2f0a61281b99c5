package org.barnraiser.operator.manifests;

import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1LabelSelectorRequirement;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1StatefulSetSpec;
import io.kubernetes.client.openapi.models.V1StatefulSetUpdateStrategy;
import io.kubernetes.client.openapi.models.V1Toleration;
import io.kubernetes.client.openapi.models.V1TopologySpreadConstraint;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.ClusterSpec.Resources;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.manifests.Names.Component;

/**
 * Workers: a StatefulSet for each pool, so that a worker that comes back finds its name and its shards. Pods start side by side, and none is
 * ever replaced but by the operator, which knows what each one runs.
 */
final class WorkerManifests {
    private static final long GRACE_BEYOND_DRAIN_SECONDS = 15;
    private static final String INVITATION = "/invitation";
    private static final String TRUST_FOLDER = "/trust";
    private static final String LLAMA = "llama";
    private static final String LLAMA_FOLDER = "/llama";

    private final InferenceCluster cluster;
    private final ClusterSpec spec;
    private final Names names;
    private final Settings settings;
    private final Secrets secrets;

    WorkerManifests(InferenceCluster cluster, Settings settings, Secrets secrets) {
        this.secrets = secrets;
        this.cluster = cluster;
        this.spec = cluster.spec();
        this.names = Names.of(cluster);
        this.settings = settings;
    }

    Manifest service() {
        String name = names.of(Component.WORKER);
        return Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                .metadata(new V1ObjectMeta().name(name).labels(names.labels(Component.WORKER)))
                .spec(new V1ServiceSpec().clusterIP("None").publishNotReadyAddresses(true)
                        .selector(names.selector(Component.WORKER))
                        .addPortsItem(new V1ServicePort().name("grpc").port(Names.WORKER_PORT).protocol("TCP"))));
    }

    /** @param replicas at this moment */
    Manifest pool(Pool pool, int replicas) {
        Map<String, String> labels = with(names.labels(Component.WORKER), pool);
        Map<String, String> selector = with(names.selector(Component.WORKER), pool);
        V1ObjectMeta template = new V1ObjectMeta().labels(labels);
        // Another authority makes other members.
        secrets.trust()
                .ifPresent(trust -> template.annotations(Map.of("barnraiser.org/authority", trust.fingerprint())));
        V1StatefulSetSpec set = new V1StatefulSetSpec().serviceName(names.of(Component.WORKER)).replicas(replicas)
                .podManagementPolicy("Parallel").updateStrategy(new V1StatefulSetUpdateStrategy().type("OnDelete"))
                .selector(new V1LabelSelector().matchLabels(selector))
                .template(new V1PodTemplateSpec().metadata(template).spec(pod(pool)));
        pool.storage().ifPresent(storage -> set.addVolumeClaimTemplatesItem(Pods.claimTemplate(storage, selector)));
        return Manifest.of(cluster, "statefulsets", new V1StatefulSet().apiVersion("apps/v1").kind("StatefulSet")
                .metadata(new V1ObjectMeta().name(names.pool(pool.name())).labels(labels)).spec(set));
    }

    private static Map<String, String> with(Map<String, String> labels, Pool pool) {
        Map<String, String> more = new TreeMap<>(labels);
        more.put(Names.POOL_LABEL, pool.name());
        return more;
    }

    private V1PodSpec pod(Pool pool) {
        V1Container worker = Pods.container(spec, "worker", settings.workerImage(spec, pool), pool.resources())
                .args(arguments(pool)).addPortsItem(Pods.port("grpc", Names.WORKER_PORT))
                .startupProbe(Pods.tcp("grpc").periodSeconds(2).failureThreshold(150))
                .readinessProbe(Pods.tcp("grpc").periodSeconds(5))
                .livenessProbe(Pods.tcp("grpc").periodSeconds(20).timeoutSeconds(5));
        List<V1Volume> volumes = new ArrayList<>(List.of(Pods.temporary()));
        if (secrets.trust().isPresent()) {
            volumes.add(Pods.secret("invitations", names.pool(pool.name())));
            worker.addVolumeMountsItem(
                    Pods.mount("invitations", INVITATION).subPathExpr("$(POD_NAME)").readOnly(true));
            // Not on the volume: a pod that comes back makes a key of its own, and one that is gone leaves none.
            volumes.add(Pods.inMemory("trust"));
            worker.addVolumeMountsItem(Pods.mount("trust", TRUST_FOLDER));
        }
        if (pool.storage().isEmpty()) {
            volumes.add(Pods.empty(Pods.DATA));
        }
        V1PodSpec pod = Pods.spec(spec, List.of(worker), volumes,
                spec.drain().toSeconds() + GRACE_BEYOND_DRAIN_SECONDS);
        if (!pool.llamaImage().isEmpty()) {
            volumes.add(Pods.empty(LLAMA));
            worker.addVolumeMountsItem(Pods.mount(LLAMA, LLAMA_FOLDER).readOnly(true));
            pod.addInitContainersItem(
                    Pods.container(spec, LLAMA, pool.llamaImage(), new Resources(Map.of(), Map.of()))
                            .addVolumeMountsItem(Pods.mount(LLAMA, LLAMA_FOLDER))
                            // Some images' own entry point is a server; links are resolved, as the copy has no other folder.
                            .command(List.of("cp", "-rL", pool.llamaPath() + "/.", LLAMA_FOLDER)));
        }
        pod.nodeSelector(pool.nodeSelector().isEmpty() ? null : pool.nodeSelector());
        pool.tolerations().forEach(toleration -> pod.addTolerationsItem(toleration(toleration)));
        // Two workers on one machine share its memory and its fate.
        pod.addTopologySpreadConstraintsItem(new V1TopologySpreadConstraint().maxSkew(1)
                .topologyKey("kubernetes.io/hostname").whenUnsatisfiable("ScheduleAnyway")
                .labelSelector(new V1LabelSelector().matchLabels(names.selector(Component.WORKER))
                        .addMatchExpressionsItem(new V1LabelSelectorRequirement().key(Names.POOL_LABEL)
                                .operator("Exists"))));
        return pod;
    }

    private List<String> arguments(Pool pool) {
        List<String> arguments = new ArrayList<>(List.of("worker", "--zookeeper",
                ZooKeeperManifests.connectString(cluster), "--name", "$(POD_NAME)", "--listen",
                "$(POD_IP):" + Names.WORKER_PORT, "--memory", pool.memory(), "--data", "/data", "--drain-timeout",
                spec.drain().toSeconds() + "s", "--label", "pool=" + pool.name()));
        // What stands in the file, rather than its name, is the option's value.
        arguments.addAll(secrets.trust().isPresent()
                ? List.of("--join", "@" + INVITATION, "--join-patience", "1h", "--trust", TRUST_FOLDER + "/own")
                : List.of("--insecure"));
        pool.labels().forEach((key, value) -> arguments.addAll(List.of("--label", key + "=" + value)));
        pool.threads().ifPresent(threads -> arguments.addAll(List.of("--threads", Integer.toString(threads))));
        pool.gpuLayers().ifPresent(layers -> arguments.addAll(List.of("--gpu-layers", Integer.toString(layers))));
        if (!pool.llamaImage().isEmpty()) {
            arguments.addAll(List.of("--llama-lib", LLAMA_FOLDER));
        }
        return arguments;
    }

    private static V1Toleration toleration(Pool.Toleration toleration) {
        V1Toleration made = new V1Toleration().key(orNull(toleration.key())).operator(orNull(toleration.operator()))
                .value(orNull(toleration.value())).effect(orNull(toleration.effect()));
        toleration.seconds().ifPresent(seconds -> made.tolerationSeconds((long) seconds));
        return made;
    }

    private static @org.jspecify.annotations.Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
