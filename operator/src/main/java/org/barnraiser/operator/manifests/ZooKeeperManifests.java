package org.barnraiser.operator.manifests;

import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapVolumeSource;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServicePort;
import io.kubernetes.client.openapi.models.V1ServiceSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V1StatefulSetSpec;
import io.kubernetes.client.openapi.models.V1Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.ClusterSpec.Resources;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.manifests.Names.Component;

/** A ZooKeeper of the cluster's own, of one or three servers. */
final class ZooKeeperManifests {
    private static final String CONFIG_FOLDER = "/config";
    private static final String CONFIG_FILE = "zoo.cfg";
    private static final String START = "echo $((${HOSTNAME##*-} + 1)) > /data/myid"
            + " && exec zkServer.sh start-foreground " + CONFIG_FOLDER + "/" + CONFIG_FILE;

    private final InferenceCluster cluster;
    private final ClusterSpec spec;
    private final Names names;
    private final Settings settings;

    ZooKeeperManifests(InferenceCluster cluster, Settings settings) {
        this.cluster = cluster;
        this.spec = cluster.spec();
        this.names = Names.of(cluster);
        this.settings = settings;
    }

    /** Where the cluster's ZooKeeper is, whoever runs it. */
    static String connectString(InferenceCluster cluster) {
        Names names = Names.of(cluster);
        return cluster.spec().zooKeeper().managed()
                ? names.host(names.of(Component.ZOOKEEPER)) + ":" + Names.ZOOKEEPER_PORT
                : cluster.spec().zooKeeper().connectString();
    }

    List<Manifest> all() {
        List<Manifest> all = new ArrayList<>(List.of(config(), service(), peers(), servers()));
        if (spec.externalWorkers().allowed()) {
            all.add(external());
        }
        return all;
    }

    private Manifest config() {
        return Manifest.of(cluster, "configmaps", new V1ConfigMap().apiVersion("v1").kind("ConfigMap")
                .metadata(metadata(names.of(Component.ZOOKEEPER))).data(Map.of(CONFIG_FILE, configuration())));
    }

    private String configuration() {
        StringBuilder text = new StringBuilder("""
                                               tickTime=1000
                                               initLimit=20
                                               syncLimit=5
                                               dataDir=/data
                                               clientPort=2181
                                               minSessionTimeout=2000
                                               maxSessionTimeout=60000
                                               admin.enableServer=false
                                               4lw.commands.whitelist=ruok,srvr
                                               autopurge.snapRetainCount=3
                                               autopurge.purgeInterval=24
                                               """);
        if (spec.zooKeeper().replicas() > 1) {
            text.append("quorumListenOnAllIPs=true\n");
            for (int i = 0; i < spec.zooKeeper().replicas(); i++) {
                text.append("server.%d=%s-%d.%s:2888:3888%n".formatted(i + 1, names.of(Component.ZOOKEEPER), i,
                        names.host(names.zooKeeperPeers())));
            }
        }
        return text.toString();
    }

    private Manifest service() {
        return Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                .metadata(metadata(names.of(Component.ZOOKEEPER)))
                .spec(new V1ServiceSpec().selector(names.selector(Component.ZOOKEEPER)).addPortsItem(clientPort())));
    }

    private Manifest external() {
        return Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                .metadata(metadata(names.zooKeeperExternal()))
                .spec(new V1ServiceSpec().type(spec.externalWorkers().serviceType())
                        .selector(names.selector(Component.ZOOKEEPER)).addPortsItem(clientPort())));
    }

    private Manifest peers() {
        return Manifest.of(cluster, "services", new V1Service().apiVersion("v1").kind("Service")
                .metadata(metadata(names.zooKeeperPeers()))
                .spec(new V1ServiceSpec().clusterIP("None").publishNotReadyAddresses(true)
                        .selector(names.selector(Component.ZOOKEEPER))
                        .addPortsItem(new V1ServicePort().name("peer").port(2888).protocol("TCP"))
                        .addPortsItem(new V1ServicePort().name("election").port(3888).protocol("TCP"))));
    }

    private static V1ServicePort clientPort() {
        return new V1ServicePort().name("client").port(Names.ZOOKEEPER_PORT).protocol("TCP")
                .targetPort(new IntOrString("client"));
    }

    private Manifest servers() {
        Resources resources = new Resources(Map.of("cpu", "50m", "memory", "256Mi"), Map.of("memory", "512Mi"));
        V1Container server = Pods.container(spec, "zookeeper", settings.zooKeeperImage(spec), resources)
                .command(List.of("sh", "-c", START)).addEnvItem(new V1EnvVar().name("ZOO_LOG_DIR").value("/tmp"))
                .addEnvItem(new V1EnvVar().name("JVMFLAGS").value("-Xmx256m"))
                .addPortsItem(Pods.port("client", Names.ZOOKEEPER_PORT)).addPortsItem(Pods.port("peer", 2888))
                .addPortsItem(Pods.port("election", 3888))
                .addVolumeMountsItem(Pods.mount("config", CONFIG_FOLDER).readOnly(true))
                .readinessProbe(Pods.tcp("client").periodSeconds(5))
                .livenessProbe(Pods.tcp("client").periodSeconds(20).initialDelaySeconds(30));
        List<V1Volume> volumes = new ArrayList<>(List.of(Pods.temporary(), new V1Volume().name("config")
                .configMap(new V1ConfigMapVolumeSource().name(names.of(Component.ZOOKEEPER)))));
        if (spec.zooKeeper().storage().isEmpty()) {
            volumes.add(new V1Volume().name(Pods.DATA).emptyDir(
                    new io.kubernetes.client.openapi.models.V1EmptyDirVolumeSource().sizeLimit(new Quantity("1Gi"))));
        }
        V1StatefulSetSpec set = new V1StatefulSetSpec().serviceName(names.zooKeeperPeers())
                .replicas(spec.zooKeeper().replicas()).podManagementPolicy("Parallel")
                .selector(new V1LabelSelector().matchLabels(names.selector(Component.ZOOKEEPER)))
                .template(new V1PodTemplateSpec()
                        .metadata(new V1ObjectMeta().labels(names.labels(Component.ZOOKEEPER))
                                .annotations(Map.of("barnraiser.org/config",
                                        Integer.toHexString(configuration().hashCode()))))
                        .spec(Pods.spec(spec, List.of(server), volumes, 30)));
        spec.zooKeeper().storage().ifPresent(storage -> set
                .addVolumeClaimTemplatesItem(Pods.claimTemplate(storage, names.selector(Component.ZOOKEEPER))));
        return Manifest.of(cluster, "statefulsets", new V1StatefulSet().apiVersion("apps/v1").kind("StatefulSet")
                .metadata(metadata(names.of(Component.ZOOKEEPER))).spec(set));
    }

    private V1ObjectMeta metadata(String name) {
        return new V1ObjectMeta().name(name).labels(names.labels(Component.ZOOKEEPER));
    }
}
