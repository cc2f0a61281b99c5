package org.barnraiser.helm.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.LintResult;
import io.kubernetes.client.openapi.models.V1CustomResourceDefinition;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.YamlText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the chart makes of its values. */
class ChartTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of other projects and of ours; Kubernetes' own client knows none of them. */
    private static final Set<String> CUSTOM = Set.of("ServiceMonitor", "PrometheusRule", "InferenceCluster");
    private static final Pattern ROW = Pattern
            .compile("(?m)^\\| `([a-z0-9.]*)` \\| ((?:`[a-z/]+`(?:, )?)+)[^|]*\\| ([a-z, ]+) \\|$");

    private static final Pattern COMMA = Pattern.compile(", ");

    static List<String> matrix() {
        return Chart.matrix();
    }

    @Test
    void helm_finds_nothing_to_complain_of() {
        LintResult result = Chart.lint();
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.contains("WARN"));
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void every_document_is_one_that_kubernetes_knows_field_by_field(String values) throws IOException {
        for (JsonNode document : Chart.documents(values)) {
            if (!CUSTOM.contains(document.path("kind").asText())) {
                assertThat(Yaml.load(JSON.writeValueAsString(document))).isNotNull();
            }
            assertThat(document.path("metadata").path("name").asText()).matches("[a-z0-9][-a-z0-9]{0,62}");
            assertThat(document.path("metadata").path("labels").path("app.kubernetes.io/name").asText())
                    .isEqualTo("barnraiser");
        }
    }

    @Test
    void the_definition_of_clusters_is_one_that_kubernetes_knows_field_by_field() throws IOException {
        JsonNode definition = YamlText
                .parse(Files.readString(Chart.FOLDER.resolve("crds/inferenceclusters.yaml"))).getFirst();
        // This reader knows the names that begin with x-kubernetes, which Yaml does not, and is as strict.
        V1CustomResourceDefinition known = io.kubernetes.client.openapi.JSON
                .deserialize(JSON.writeValueAsString(definition), V1CustomResourceDefinition.class);
        assertThat(known.getSpec().getNames().getKind()).isEqualTo("InferenceCluster");
    }

    @Test
    void a_field_that_kubernetes_does_not_know_would_be_noticed() {
        assertThatThrownBy(() -> Yaml.load("""
                                           apiVersion: apps/v1
                                           kind: Deployment
                                           spec: {replicaz: 1}
                                           """)).hasMessageContaining("replicaz");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            operator: {replicaz: 2}                                     | replicaz
                                            operator: {replicas: two}                                   | /operator/replicas
                                            images: {operator: {repository: barn, tag: latest}}         | /images/operator/tag
                                            images: {worker: {repository: 'Barn Raiser'}}               | /images/worker/repository
                                            operator: {resources: {limits: null}}                       | limits
                                            metrics: {rules: maybe}                                     | /metrics/rules
                                            cluster: {create: true}                                     | model
                                            cluster: {create: true, spec: {model: {source: x}, pools: []}} | /cluster/spec/pools
                                            cluster: {name: Hall!}                                      | /cluster/name
                                            something: 1                                                | something
                                            """)
    void wrong_values_are_refused_by_name(String values, String named) {
        assertThatThrownBy(() -> Chart.render(values)).hasMessageContaining("schema").hasMessageContaining(named);
    }

    @Test
    void a_cluster_of_the_release_is_what_the_api_accepts() throws IOException {
        JsonNode cluster = Chart.only("InferenceCluster", Chart.SMALL_CLUSTER);
        assertThat(CrdSchema.mistakes(cluster)).isEmpty();
        assertThat(cluster.path("metadata").path("name").asText()).isEqualTo("demo");
        assertThat(Chart.render("{}")).doesNotContain("kind: InferenceCluster");
    }

    @Test
    void the_check_of_clusters_finds_mistakes() throws IOException {
        JsonNode wrong = Chart.only("InferenceCluster", """
                                                        cluster:
                                                          create: true
                                                          spec:
                                                            model: {source: 1}
                                                            slotz: 3
                                                            pools: [{name: A, memory: much, minReplicas: -1}]
                                                        """);
        assertThat(CrdSchema.mistakes(wrong)).containsExactlyInAnyOrder("spec.model.source is no text",
                "spec.slotz is not known", "spec.pools[0].name has not the form ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                "spec.pools[0].memory has not the form ^[0-9]{1,9}[KMGTkmgt](i?[Bb])?$",
                "spec.pools[0].minReplicas is too small");
    }

    @ParameterizedTest
    @CsvSource({"false, ClusterRole", "true, Role"})
    void the_operator_may_do_what_its_page_says_and_nothing_else(boolean namespaced, String kind) throws IOException {
        Set<String> promised = new TreeSet<>();
        ROW.matcher(Files.readString(SourceTree.path("operator/README.md"))).results()
                .forEach(row -> COMMA.splitAsStream(row.group(2).replace("`", ""))
                        .forEach(resource -> COMMA.splitAsStream(row.group(3))
                                .forEach(verb -> promised.add(row.group(1) + "/" + resource + " " + verb.strip()))));
        Set<String> given = new TreeSet<>();
        Chart.documents("rbac: {aggregate: false}\noperator: {namespaced: " + namespaced + "}").stream()
                .filter(document -> document.path("kind").asText().equals(kind)
                        || document.path("kind").asText().equals("Role"))
                .flatMap(role -> role.path("rules").valueStream())
                .forEach(rule -> rule.path("apiGroups").forEach(group -> rule.path("resources")
                        .forEach(resource -> rule.path("verbs").forEach(verb -> given
                                .add(group.asText() + "/" + resource.asText() + " " + verb.asText())))));
        assertThat(promised).hasSizeGreaterThan(50);
        assertThat(given).isEqualTo(promised);
    }

    @Test
    void an_operator_of_one_namespace_has_no_rights_elsewhere() throws IOException {
        String values = "operator: {namespaced: true}\nrbac: {aggregate: false}";
        assertThat(Chart.render(values)).doesNotContain("kind: ClusterRole");
        assertThat(Chart.only("Deployment", values).toString()).contains(Chart.NAMESPACE);
    }

    @Test
    void the_operator_gets_only_settings_that_it_knows() throws IOException {
        String page = Files.readString(SourceTree.path("operator/README.md"));
        JsonNode container = container(Chart.only("Deployment", "{}"));
        assertThat(container.path("env")).isNotEmpty()
                .allSatisfy(variable -> assertThat(page).contains("`" + variable.path("name").asText() + "`"));
    }

    @Test
    void images_are_named_as_the_values_say() throws IOException {
        String values = """
                        images:
                          registry: registry.example.org:5000/team/
                          operator: {repository: barn/op, tag: v1.2.3}
                          coordinator: {repository: barn/c}
                          worker: {repository: barn/w, tag: v9, digest: 'sha256:%s'}
                        """.formatted("0a".repeat(32));
        String container = container(Chart.only("Deployment", values)).toString();
        assertThat(container).contains("\"registry.example.org:5000/team/barn/op:v1.2.3\"",
                "\"registry.example.org:5000/team/barn/c:0.1.0-SNAPSHOT\"",
                "\"registry.example.org:5000/team/barn/w@sha256:" + "0a".repeat(32) + "\"");
    }

    @Test
    void rules_are_those_of_the_file_but_for_those_left_out() throws IOException {
        JsonNode file = YamlText.parse(Files.readString(Chart.FOLDER.resolve("rules/barnraiser.yaml"))).getFirst();
        String all = "metrics: {rules: always}";
        assertThat(Chart.only("PrometheusRule", all).path("spec")).isEqualTo(file);
        JsonNode fewer = Chart.only("PrometheusRule",
                "metrics: {rules: always, disabledAlerts: [BarnraiserNotReady, BarnraiserErrors]}");
        Set<String> left = fewer.path("spec").path("groups").path(0).path("rules").valueStream()
                .map(rule -> rule.path("alert").asText()).collect(toCollection(TreeSet::new));
        assertThat(left).hasSize(file.path("groups").path(0).path("rules").size() - 2)
                .doesNotContain("BarnraiserNotReady", "BarnraiserErrors");
    }

    @Test
    void kinds_that_the_cluster_does_not_know_are_left_out() throws IOException {
        assertThat(Chart.render("{}")).doesNotContain("monitoring.coreos.com/v1\nkind");
    }

    @Test
    void every_dashboard_is_a_config_map_that_grafana_finds() throws IOException {
        List<JsonNode> maps = Chart.documents("{}").stream()
                .filter(document -> document.path("kind").asText().equals("ConfigMap")).toList();
        try (var files = Files.list(Chart.FOLDER.resolve("dashboards"))) {
            assertThat(maps).hasSize((int) files.count()).isNotEmpty();
        }
        for (JsonNode map : maps) {
            assertThat(map.path("metadata").path("labels").path("grafana_dashboard").asText()).isEqualTo("1");
            String file = map.path("data").fieldNames().next();
            assertThat(map.path("data").path(file).asText())
                    .isEqualTo(Files.readString(Chart.FOLDER.resolve("dashboards").resolve(file)));
        }
    }

    private static JsonNode container(JsonNode deployment) {
        return deployment.path("spec").path("template").path("spec").path("containers").path(0);
    }
}
