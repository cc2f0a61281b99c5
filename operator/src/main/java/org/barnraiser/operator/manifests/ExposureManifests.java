package org.barnraiser.operator.manifests;

import io.kubernetes.client.openapi.models.V1HTTPIngressPath;
import io.kubernetes.client.openapi.models.V1HTTPIngressRuleValue;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1IngressBackend;
import io.kubernetes.client.openapi.models.V1IngressRule;
import io.kubernetes.client.openapi.models.V1IngressServiceBackend;
import io.kubernetes.client.openapi.models.V1IngressSpec;
import io.kubernetes.client.openapi.models.V1IngressTLS;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1ServiceBackendPort;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.operator.crd.ClusterSpec;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.manifests.Names.Component;

/** How readers outside and Prometheus reach coordinators. */
final class ExposureManifests {
    private final InferenceCluster cluster;
    private final Names names;
    private final Settings settings;

    ExposureManifests(InferenceCluster cluster, Settings settings) {
        this.cluster = cluster;
        this.names = Names.of(cluster);
        this.settings = settings;
    }

    Optional<Manifest> ingress() {
        return cluster.spec().ingress().map(wanted -> Manifest.of(cluster, "ingresses",
                new V1Ingress().apiVersion("networking.k8s.io/v1").kind("Ingress")
                        .metadata(new V1ObjectMeta().name(names.of(Component.COORDINATOR))
                                .labels(names.labels(Component.COORDINATOR)).annotations(wanted.annotations()))
                        .spec(spec(wanted))));
    }

    private V1IngressSpec spec(ClusterSpec.Ingress wanted) {
        V1IngressBackend backend = new V1IngressBackend().service(new V1IngressServiceBackend()
                .name(names.of(Component.COORDINATOR)).port(new V1ServiceBackendPort().name("http")));
        V1IngressSpec spec = new V1IngressSpec()
                .ingressClassName(wanted.className().isEmpty() ? null : wanted.className())
                .addRulesItem(new V1IngressRule().host(wanted.host()).http(new V1HTTPIngressRuleValue()
                        .addPathsItem(new V1HTTPIngressPath().path("/").pathType("Prefix").backend(backend))));
        return wanted.tlsSecret().isEmpty()
                ? spec
                : spec.addTlsItem(
                        new V1IngressTLS().addHostsItem(wanted.host()).secretName(wanted.tlsSecret()));
    }

    /** The client has no model of it: it belongs to Prometheus' operator. */
    Optional<Manifest> serviceMonitor() {
        if (!cluster.spec().serviceMonitor() || !settings.offers().serviceMonitors()) {
            return Optional.empty();
        }
        return Optional.of(Manifest.of(cluster, "servicemonitors", Map.of("apiVersion", "monitoring.coreos.com/v1",
                "kind", "ServiceMonitor", "metadata",
                Map.of("name", names.of(Component.COORDINATOR), "labels", names.labels(Component.COORDINATOR)), "spec",
                Map.of("selector", Map.of("matchLabels", names.selector(Component.COORDINATOR)), "endpoints",
                        List.of(Map.of("port", "http", "path", "/metrics", "interval", "15s", "authorization",
                                Map.of("credentials", Map.of("name", names.keys(), "key", "member"))))))));
    }
}
