package org.barnraiser.operator.manifests;

import io.kubernetes.client.custom.IntOrString;
import io.kubernetes.client.custom.Quantity;
import io.kubernetes.client.openapi.models.V1Capabilities;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerPort;
import io.kubernetes.client.openapi.models.V1EmptyDirVolumeSource;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1EnvVarSource;
import io.kubernetes.client.openapi.models.V1HTTPGetAction;
import io.kubernetes.client.openapi.models.V1LocalObjectReference;
import io.kubernetes.client.openapi.models.V1ObjectFieldSelector;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaim;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimSpec;
import io.kubernetes.client.openapi.models.V1PersistentVolumeClaimVolumeSource;
import io.kubernetes.client.openapi.models.V1PodSecurityContext;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1Probe;
import io.kubernetes.client.openapi.models.V1ResourceRequirements;
import io.kubernetes.client.openapi.models.V1SeccompProfile;
import io.kubernetes.client.openapi.models.V1SecretVolumeSource;
import io.kubernetes.client.openapi.models.V1SecurityContext;
import io.kubernetes.client.openapi.models.V1TCPSocketAction;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.kubernetes.client.openapi.models.V1VolumeResourceRequirements;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.ClusterSpec.Resources;
import org.barnraiser.operator.crd.ClusterSpec.Storage;

/** What pods of all programs have in common: no rights, a read-only root, and folders to write to. */
final class Pods {
    static final String DATA = "data";
    private static final long USER = 1000;
    /** For the owner and the pod's group. */
    private static final int SECRET_MODE = 0440;
    /** Native libraries are unpacked there. */
    private static final String TMP_LIMIT = "1Gi";

    private Pods() {}

    static V1PodSpec spec(ClusterSpec spec, List<V1Container> containers, List<V1Volume> volumes, long graceSeconds) {
        V1PodSpec pod = new V1PodSpec().containers(containers).volumes(volumes)
                .automountServiceAccountToken(false).enableServiceLinks(false)
                .terminationGracePeriodSeconds(graceSeconds)
                .securityContext(new V1PodSecurityContext().runAsNonRoot(true).runAsUser(USER).runAsGroup(USER)
                        .fsGroup(USER).fsGroupChangePolicy("OnRootMismatch")
                        .seccompProfile(new V1SeccompProfile().type("RuntimeDefault")));
        spec.images().pullSecrets()
                .forEach(secret -> pod.addImagePullSecretsItem(new V1LocalObjectReference().name(secret)));
        return pod;
    }

    static V1Container container(ClusterSpec spec, String name, String image, Resources resources) {
        return new V1Container().name(name).image(image).imagePullPolicy(spec.images().pullPolicy())
                .resources(new V1ResourceRequirements().requests(quantities(resources.requests()))
                        .limits(quantities(resources.limits())))
                .securityContext(new V1SecurityContext().allowPrivilegeEscalation(false).readOnlyRootFilesystem(true)
                        .capabilities(new V1Capabilities().drop(List.of("ALL"))))
                .addVolumeMountsItem(mount(DATA, "/data")).addVolumeMountsItem(mount("tmp", "/tmp"))
                .addEnvItem(field("POD_NAME", "metadata.name")).addEnvItem(field("POD_IP", "status.podIP"))
                .addEnvItem(new V1EnvVar().name("HOME").value("/data"));
    }

    private static Map<String, Quantity> quantities(Map<String, String> texts) {
        return texts.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> new Quantity(entry.getValue())));
    }

    private static V1EnvVar field(String name, String path) {
        return new V1EnvVar().name(name)
                .valueFrom(new V1EnvVarSource().fieldRef(new V1ObjectFieldSelector().fieldPath(path)));
    }

    static V1VolumeMount mount(String volume, String path) {
        return new V1VolumeMount().name(volume).mountPath(path);
    }

    static V1ContainerPort port(String name, int port) {
        return new V1ContainerPort().name(name).containerPort(port).protocol("TCP");
    }

    static V1Volume temporary() {
        return new V1Volume().name("tmp")
                .emptyDir(new V1EmptyDirVolumeSource().sizeLimit(new Quantity(TMP_LIMIT)));
    }

    static V1Volume empty(String name) {
        return new V1Volume().name(name).emptyDir(new V1EmptyDirVolumeSource());
    }

    /** For keys: it never touches a disk, and goes with the pod. */
    static V1Volume inMemory(String name) {
        return new V1Volume().name(name)
                .emptyDir(new V1EmptyDirVolumeSource().medium("Memory").sizeLimit(new Quantity("1Mi")));
    }

    static V1Volume secret(String name, String secret) {
        return new V1Volume().name(name)
                .secret(new V1SecretVolumeSource().secretName(secret).defaultMode(SECRET_MODE));
    }

    static V1Volume claimed(String name, String claim, boolean readOnly) {
        return new V1Volume().name(name).persistentVolumeClaim(
                new V1PersistentVolumeClaimVolumeSource().claimName(claim).readOnly(readOnly ? true : null));
    }

    static V1PersistentVolumeClaim claimTemplate(Storage storage, Map<String, String> labels) {
        return new V1PersistentVolumeClaim().apiVersion("v1").kind("PersistentVolumeClaim")
                .metadata(new V1ObjectMeta().name(DATA).labels(labels))
                .spec(new V1PersistentVolumeClaimSpec().accessModes(List.of("ReadWriteOnce"))
                        .storageClassName(storage.storageClass().isEmpty() ? null : storage.storageClass())
                        .resources(new V1VolumeResourceRequirements()
                                .requests(Map.of("storage", new Quantity(storage.size())))));
    }

    static V1Probe http(String path) {
        return new V1Probe().httpGet(new V1HTTPGetAction().path(path).port(new IntOrString("http")));
    }

    static V1Probe tcp(String port) {
        return new V1Probe().tcpSocket(new V1TCPSocketAction().port(new IntOrString(port)));
    }
}
