package org.barnraiser.operator.manifests;

import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.util.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.SpecCheck;
import org.barnraiser.operator.kube.Offers;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.trust.Invitation;
import org.barnraiser.trust.StandingKey;
import org.barnraiser.trust.TrustException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ManifestsTest {
    private static final Offers NEW = new Offers("v1", true);
    private static final String FULL = """
                                       {"model":{"source":"hf:someone/model","claim":"models"},"images":{"pullSecrets":["s"]},"drainSeconds":90,
                                        "patienceSeconds":45,"slots":8,"autoscaling":{"zeroAfterSeconds":60},"externalWorkers":{"allowed":true},
                                        "zookeeper":{"replicas":3,"storage":{"size":"1Gi"}},"coordinator":{"replicas":2,"databaseSecret":"members"},
                                        "ingress":{"host":"barn.example","className":"nginx","tlsSecretName":"tls","annotations":{"a":"b"}},
                                        "pools":[{"name":"gpu","memory":"20G","minReplicas":1,"maxReplicas":3,"gpuLayers":99,
                                          "llamaImage":"ghcr.io/ggml-org/llama.cpp:server-cuda-b6000","labels":{"room":"hall"},
                                          "resources":{"limits":{"nvidia.com/gpu":1,"memory":"24Gi"},"requests":{"cpu":"2"}},
                                          "nodeSelector":{"gpu":"yes"},"tolerations":[{"key":"gpu","operator":"Exists","effect":"NoSchedule"}],
                                          "storage":{"size":"100Gi","storageClassName":"fast","onDelete":"Retain"}},
                                         {"name":"cpu","memory":"8G","minReplicas":0,"maxReplicas":2}]}""";

    private static final Secrets SECRETS = secrets();

    private static Secrets secrets() {
        try {
            return new Secrets("d", Optional.of(new Secrets.Trust("ab".repeat(32),
                    StandingKey.parse(Invitation.newSecret()))));
        } catch (TrustException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InferenceCluster cluster(String spec) {
        return InferenceCluster
                .read(Tree.parse("""
                                 {"metadata":{"name":"town","namespace":"barn","uid":"u-1","generation":3},"spec":%s}"""
                        .formatted(spec)));
    }

    private static List<Manifest> manifests(String spec, Offers offers) {
        return Manifests.of(cluster(spec), new Settings("c:1", "w:1", "z:1", offers),
                new Manifests.Moment(Map.of("gpu", 2, "cpu", 0), 2, SECRETS));
    }

    private static Manifest named(List<Manifest> all, String kind, String name) {
        return all.stream().filter(one -> one.kind().equals(kind) && one.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void every_manifest_is_in_order_for_the_newest_api() throws Exception {
        List<Manifest> all = manifests(FULL, NEW);
        assertThat(all).hasSizeGreaterThan(15);
        for (Manifest manifest : all) {
            if (!manifest.kind().equals("ServiceMonitor")) {
                assertThat(Yaml.load(manifest.body().toString())).as(manifest.path()).isNotNull();
            }
            assertThat(manifest.body().getAsJsonObject("metadata").getAsJsonArray("ownerReferences")).hasSize(1);
            assertThat(new Tree(manifest.body()).at("metadata", "labels", "app.kubernetes.io/managed-by").text())
                    .isEqualTo("barnraiser-operator");
        }
        assertThatThrownBy(() -> Yaml.load(named(all, "Deployment", "town-coordinator").body().toString()
                .replace("\"replicas\"", "\"replicaz\""))).isNotNull();
    }

    @Test
    void pods_run_without_rights_and_leave_no_image_to_chance() {
        for (Manifest manifest : manifests(FULL, NEW)) {
            Tree pod = new Tree(manifest.body()).at("spec", "template", "spec");
            if (!pod.exists()) {
                continue;
            }
            assertThat(pod.at("securityContext", "runAsNonRoot").flag(false)).isTrue();
            assertThat(pod.at("securityContext", "seccompProfile", "type").text()).isEqualTo("RuntimeDefault");
            assertThat(pod.at("automountServiceAccountToken").flag(true)).isFalse();
            for (Tree container : pod.at("containers").items()) {
                assertThat(container.at("securityContext", "readOnlyRootFilesystem").flag(false)).isTrue();
                assertThat(container.at("securityContext", "allowPrivilegeEscalation").flag(true)).isFalse();
                assertThat(container.at("image").text()).contains(":").doesNotEndWith(":latest");
                assertThat(container.at("readinessProbe").exists()).isTrue();
                assertThat(container.at("livenessProbe").exists()).isTrue();
            }
        }
    }

    @Test
    void workers_start_side_by_side_have_time_to_drain_and_are_replaced_by_the_operator_alone() {
        V1StatefulSet set = JSON.deserialize(named(manifests(FULL, NEW), "StatefulSet", "town-worker-gpu").body()
                .toString(), V1StatefulSet.class);
        assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        assertThat(set.getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
        assertThat(set.getSpec().getReplicas()).isEqualTo(2);
        V1PodSpec pod = set.getSpec().getTemplate().getSpec();
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThan(90);
        assertThat(pod.getContainers().getFirst().getArgs()).containsSequence("--drain-timeout", "90s")
                .containsSequence("--listen", "$(POD_IP):9090").containsSequence("--memory", "20G")
                .containsSequence("--llama-lib", "/llama").containsSequence("--label", "room=hall");
        assertThat(pod.getContainers().getFirst().getResources().getLimits()).containsKey("nvidia.com/gpu");
        assertThat(set.getSpec().getVolumeClaimTemplates().getFirst().getSpec().getStorageClassName())
                .isEqualTo("fast");
    }

    @Test
    void each_worker_is_invited_by_its_own_name_and_sees_no_other_invitation() throws Exception {
        List<Manifest> all = manifests(FULL, NEW);
        Tree invitations = new Tree(named(all, "Secret", "town-worker-gpu").body()).at("data");
        assertThat(invitations.texts()).containsOnlyKeys("town-worker-gpu-0", "town-worker-gpu-1", "town-worker-gpu-2");
        String token = new String(Base64.getDecoder().decode(invitations.at("town-worker-gpu-1").text()),
                StandardCharsets.US_ASCII);
        Invitation invitation = Invitation.parse(token);
        assertThat(invitation.address()).isEqualTo("town-coordinator-peers.barn.svc:9091");
        StandingKey key = SECRETS.trust().orElseThrow().key();
        assertThat(key.opens(invitation.secret(), "town-worker-gpu-1")).isTrue();
        assertThat(key.opens(invitation.secret(), "town-worker-gpu-0")).isFalse();
        Tree pod = new Tree(named(all, "StatefulSet", "town-worker-gpu").body()).at("spec", "template", "spec");
        assertThat(pod.at("containers").items().getFirst().at("volumeMounts").items())
                .anyMatch(mount -> mount.at("mountPath").text().equals("/invitation")
                        && mount.at("subPathExpr").text().equals("$(POD_NAME)"));
    }

    @Test
    void without_tls_links_are_plain_and_that_is_said_aloud() {
        List<Manifest> all = Manifests.of(
                cluster("{\"model\":{\"source\":\"m\"},\"pools\":[{\"name\":\"cpu\",\"memory\":\"8G\"}]}"),
                new Settings("c:1", "w:1", "z:1", NEW),
                new Manifests.Moment(Map.of("cpu", 1), 1, new Secrets("d", Optional.empty())));
        for (String name : List.of("town-coordinator", "town-worker-cpu")) {
            assertThat(all.stream().filter(one -> one.name().equals(name)).map(one -> one.body().toString())
                    .filter(body -> body.contains("\"args\""))).singleElement().asString().contains("--insecure")
                    .doesNotContain("--join", "--authority");
        }
        assertThat(all).noneMatch(one -> one.name().equals("town-coordinator-peers"));
    }

    @Test
    void coordinators_keep_readers_waiting_when_workers_may_sleep() {
        V1Deployment deployment = JSON.deserialize(
                named(manifests(FULL, NEW), "Deployment", "town-coordinator").body().toString(), V1Deployment.class);
        List<String> arguments = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs();
        assertThat(arguments).contains("--on-demand").containsSequence("--patience", "45")
                .containsSequence("--model", "hf:someone/model")
                .containsSequence("--zookeeper", "town-zookeeper.barn.svc:2181");
    }

    @Test
    void what_the_server_does_not_offer_is_left_out() {
        List<Manifest> old = manifests(FULL, new Offers("v1beta1", false));
        assertThat(named(old, "PodDisruptionBudget", "town-worker").path()).startsWith("/apis/policy/v1beta1/");
        assertThat(old).noneMatch(manifest -> manifest.kind().equals("ServiceMonitor"));
    }

    @Test
    void what_is_not_wanted_any_more_is_known_by_its_path() {
        InferenceCluster small = cluster(
                """
                {"model":{"source":"m"},"zookeeper":{"connectString":"zk:2181"},"networkPolicy":false,
                 "pools":[{"name":"cpu","memory":"8G"}]}""");
        List<Manifest> wanted = Manifests.of(small, new Settings("c:1", "w:1", "z:1", NEW),
                new Manifests.Moment(Map.of("cpu", 1), 1, SECRETS));
        assertThat(Leftovers.of(Names.of(small), NEW, wanted))
                .contains("/apis/apps/v1/namespaces/barn/statefulsets/town-zookeeper",
                        "/apis/networking.k8s.io/v1/namespaces/barn/ingresses/town-coordinator",
                        "/apis/networking.k8s.io/v1/namespaces/barn/networkpolicies/town-worker")
                .doesNotContainAnyElementsOf(wanted.stream().map(Manifest::path).toList());
    }

    @Test
    void a_spec_is_checked_in_sentences_and_unknown_fields_do_no_harm() {
        assertThat(SpecCheck.complaints(cluster(FULL))).isEmpty();
        assertThat(SpecCheck.complaints(cluster("{\"future\":{\"x\":[1]},\"pools\":\"none\"}")))
                .contains("spec.model.source is empty; name a model.",
                        "spec.pools is empty; give at least one pool of workers.");
        assertThat(SpecCheck.complaints(
                cluster("""
                        {"model":{"source":"m"},"pools":[{"name":"a","memory":"lots","resources":{"limits":{"cpu":"x"}}},
                         {"name":"a","memory":"1G","minReplicas":2,"maxReplicas":1}]}""")))
                .hasSize(4);
    }
}
