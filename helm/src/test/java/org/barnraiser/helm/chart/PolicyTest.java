package org.barnraiser.helm.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What every pod of the chart keeps to, whatever the values are. */
class PolicyTest {

    static List<String> matrix() {
        return Chart.matrix();
    }

    private static List<JsonNode> pods(String values) throws IOException {
        return Chart.documents(values).stream().flatMap(document -> switch (document.path("kind").asText()) {
            case "Deployment", "StatefulSet", "DaemonSet", "Job" -> Stream.of(document.at("/spec/template/spec"));
            case "Pod" -> Stream.of(document.path("spec"));
            default -> Stream.<JsonNode>empty();
        }).toList();
    }

    private static List<JsonNode> containers(String values) throws IOException {
        return pods(values).stream().flatMap(pod -> Stream.concat(pod.path("containers").valueStream(),
                pod.path("initContainers").valueStream())).toList();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void nobody_is_root_or_shares_the_machine(String values) throws IOException {
        assertThat(pods(values)).hasSizeGreaterThanOrEqualTo(2).allSatisfy(pod -> {
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/runAsUser").asLong()).isPositive();
            assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            assertThat(pod.has("hostNetwork") || pod.has("hostPID") || pod.has("hostIPC")).isFalse();
            assertThat(pod.path("volumes")).allSatisfy(volume -> assertThat(volume.has("hostPath")).isFalse());
        });
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void containers_cannot_gain_rights_or_change_their_programs(String values) throws IOException {
        assertThat(containers(values)).allSatisfy(container -> {
            JsonNode security = container.path("securityContext");
            assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
            assertThat(security.path("privileged").asBoolean(true)).isFalse();
            assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
            assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
            assertThat(security.at("/capabilities").has("add")).isFalse();
        });
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void containers_have_limits_and_a_version(String values) throws IOException {
        assertThat(containers(values)).allSatisfy(container -> {
            assertThat(container.at("/resources/limits/memory").asText()).isNotEmpty();
            assertThat(container.at("/resources/requests/cpu").asText()).isNotEmpty();
            assertThat(container.path("image").asText()).doesNotEndWith(":latest").matches(".+(:[^/:]+|@sha256:.+)");
        });
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void what_runs_for_good_has_probes(String values) throws IOException {
        JsonNode container = Chart.only("Deployment", values).at("/spec/template/spec/containers/0");
        assertThat(container.path("startupProbe").isObject()).isTrue();
        assertThat(container.path("livenessProbe").isObject()).isTrue();
        assertThat(container.path("readinessProbe").isObject()).isTrue();
    }
}
