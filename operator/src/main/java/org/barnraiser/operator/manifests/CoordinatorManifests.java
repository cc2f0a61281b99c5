package org.barnraiser.operator.manifests;

import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentSpec;
import io.kubernetes.client.openapi.models.V1DeploymentStrategy;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1EnvVarSource;
import io.kubernetes.client.openapi.models.V1ExecAction;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1Lifecycle;
import io.kubernetes.client.openapi.models.V1LifecycleHandler;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1RollingUpdateDeployment;
import io.kubernetes.client.openapi.models.V1SecretKeySelector;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.manifests.Names.Component;

/** Coordinators: a Deployment, and the Service that readers ask. */
final class CoordinatorManifests {
    private static final long GRACE_BEYOND_DRAIN_SECONDS = 30;
    private static final String AUTHORITY_FOLDER = "/authority";
    private static final String KEYS_FOLDER = "/keys";
    /** Pods come again by themselves when theirs has ended, so it need not be good for long. */
    private static final String CERTIFICATE_LIFE = "7d";

    private final InferenceCluster cluster;
    private final ClusterSpec spec;
    private final Names names;
    private final Settings settings;
    private final Secrets secrets;

    CoordinatorManifests(InferenceCluster cluster, Settings settings, Secrets secrets) {
        this.secrets = secrets;
        this.cluster = cluster;
        this.spec = cluster.spec();
        this.names = Names.of(cluster);
        this.settings = settings;
    }

    Manifest service() {
        return Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                .metadata(metadata())
                .spec(new V1ServiceSpec().type(spec.coordinator().serviceType())
                        .selector(names.selector(Component.COORDINATOR))
                        .addPortsItem(new V1ServicePort().name("http").port(Names.HTTP_PORT).protocol("TCP")
                                .targetPort(new IntOrString("http")))));
    }

    /** By which machines join, and have their certificates renewed; where links are plain, nobody needs it. */
    Optional<Manifest> peers() {
        String type = spec.externalWorkers().allowed() ? spec.externalWorkers().serviceType() : "ClusterIP";
        return secrets.trust()
                .map(_ -> Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                        .metadata(new V1ObjectMeta().name(names.coordinatorPeers())
                                .labels(names.labels(Component.COORDINATOR)))
                        // Workers join while the model is still being fetched.
                        .spec(new V1ServiceSpec().type(type).publishNotReadyAddresses(true)
                                .selector(names.selector(Component.COORDINATOR))
                                .addPortsItem(new V1ServicePort().name("grpc").port(Names.WEIGHTS_PORT).protocol("TCP")
                                        .targetPort(new IntOrString("grpc"))))));
    }

    /** @param replicas at this moment */
    Manifest deployment(int replicas) {
        // A volume has room for one coordinator, so the next one comes when the last has gone.
        V1DeploymentStrategy strategy = spec.coordinator().claim().isEmpty()
                ? new V1DeploymentStrategy().type("RollingUpdate")
                        .rollingUpdate(new V1RollingUpdateDeployment().maxUnavailable(new IntOrString(0))
                                .maxSurge(new IntOrString(1)))
                : new V1DeploymentStrategy().type("Recreate");
        return Manifest.of(cluster, "deployments", new V1Deployment().apiVersion("apps/v1").kind("Deployment")
                .metadata(metadata())
                .spec(new V1DeploymentSpec().replicas(replicas).strategy(strategy).revisionHistoryLimit(3)
                        .selector(new V1LabelSelector().matchLabels(names.selector(Component.COORDINATOR)))
                        .template(new V1PodTemplateSpec()
                                .metadata(new V1ObjectMeta().labels(names.labels(Component.COORDINATOR))
                                        .annotations(Map.of("barnraiser.org/secrets", secrets.digest())))
                                .spec(pod()))));
    }

    private V1ObjectMeta metadata() {
        return new V1ObjectMeta().name(names.of(Component.COORDINATOR)).labels(names.labels(Component.COORDINATOR));
    }

    private V1PodSpec pod() {
        // Alive is enough to be asked: who asks while nobody is ready waits here, and that is what wakes workers.
        V1Container coordinator = Pods
                .container(spec, "coordinator", settings.coordinatorImage(spec), spec.coordinator().resources())
                .args(arguments()).addPortsItem(Pods.port("http", Names.HTTP_PORT))
                .addPortsItem(Pods.port("grpc", Names.WEIGHTS_PORT))
                // A model may have to be fetched and hashed before it is served.
                .startupProbe(Pods.http("/healthz").periodSeconds(2).failureThreshold(1800))
                .readinessProbe(Pods.http("/healthz").periodSeconds(5))
                .livenessProbe(Pods.http("/healthz").periodSeconds(20).timeoutSeconds(5).failureThreshold(6))
                // Load balancers hear of it a moment later.
                .lifecycle(new V1Lifecycle().preStop(new V1LifecycleHandler()
                        .exec(new V1ExecAction().command(List.of("sleep", "3")))));
        List<V1Volume> volumes = new ArrayList<>(List.of(Pods.temporary()));
        String data = spec.coordinator().claim();
        volumes.add(data.isEmpty() ? Pods.empty(Pods.DATA) : Pods.claimed(Pods.DATA, data, false));
        volumes.add(Pods.secret("keys", names.keys()));
        coordinator.addVolumeMountsItem(Pods.mount("keys", KEYS_FOLDER).readOnly(true));
        if (secrets.trust().isPresent()) {
            volumes.add(Pods.secret("authority", names.authority()));
            coordinator.addVolumeMountsItem(Pods.mount("authority", AUTHORITY_FOLDER).readOnly(true));
        }
        if (!spec.coordinator().databaseSecret().isEmpty()) {
            coordinator.addEnvItem(new V1EnvVar().name("BARN_DATABASE").valueFrom(new V1EnvVarSource().secretKeyRef(
                    new V1SecretKeySelector().name(spec.coordinator().databaseSecret()).key("url"))));
        }
        if (!spec.model().claim().isEmpty()) {
            volumes.add(Pods.claimed("models", spec.model().claim(), true));
            coordinator.addVolumeMountsItem(Pods.mount("models", "/models").readOnly(true));
        }
        V1PodSpec pod = Pods.spec(spec, List.of(coordinator), volumes,
                spec.drain().toSeconds() + GRACE_BEYOND_DRAIN_SECONDS);
        return pod.nodeSelector(spec.coordinator().nodeSelector().isEmpty() ? null : spec.coordinator().nodeSelector());
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("coordinator", "--zookeeper",
                ZooKeeperManifests.connectString(cluster), "--model", spec.model().source(), "--host",
                "0.0.0.0",
                "--port", Integer.toString(Names.HTTP_PORT), "--listen", "$(POD_IP):" + Names.WEIGHTS_PORT, "--data",
                "/data", "--context", Integer.toString(spec.context()), "--slots", Integer.toString(spec.slots()),
                "--stages", Integer.toString(spec.stages()), "--pipelines",
                Integer.toString(spec.pipelines()), "--wire", spec.wire(), "--patience",
                Long.toString(spec.patience().toSeconds()), "--grace", Long.toString(spec.drain().toSeconds())));
        arguments.addAll(List.of("--given-keys", KEYS_FOLDER));
        arguments.addAll(secrets.trust().isPresent()
                ? List.of("--authority", AUTHORITY_FOLDER + "/authority.pem", "--standing-key",
                        AUTHORITY_FOLDER + "/standing-key", "--certificate-life", CERTIFICATE_LIFE)
                : List.of("--insecure"));
        if (spec.open()) {
            arguments.add("--open");
        }
        if (spec.autoscaling().toZero()) {
            arguments.add("--on-demand");
        }
        return arguments;
    }
}
