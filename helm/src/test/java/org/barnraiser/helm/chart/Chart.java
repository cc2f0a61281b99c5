package org.barnraiser.helm.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.YamlText;

/** The chart, rendered by Helm itself. */
final class Chart {
    static final Path FOLDER = SourceTree.path("helm/barnraiser");
    static final String NAMESPACE = "reading-room";
    static final String RELEASE = "hall";

    private static final Path RENDERED = withoutHooks();

    private Chart() {}

    /** Sets of values that each use something of their own. */
    static List<String> matrix() {
        return List.of("{}", SMALL_CLUSTER, """
                                            operator: {replicas: 2, namespaced: true, logLevel: DEBUG}
                                            serviceAccount: {create: false, name: somebody}
                                            """, """
                                                 images:
                                                   registry: registry.example.org:5000/team
                                                   operator: {repository: barn/op, tag: v1.2.3}
                                                   worker: {repository: barn/worker, digest: 'sha256:%s'}
                                                   pullPolicy: Always
                                                   pullSecrets: [first, second]
                                                 """.formatted("0a".repeat(32)),
                """
                fullnameOverride: barn
                rbac: {create: false, aggregate: false}
                metrics: {serviceMonitor: never, rules: never, dashboards: {enabled: false}}
                networkPolicy: {enabled: false}
                """,
                """
                operator:
                  nodeSelector: {kubernetes.io/os: linux}
                  tolerations: [{key: gpu, operator: Exists}]
                  affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: []}}
                  priorityClassName: high
                  podAnnotations: {note: here}
                  podLabels: {team: library}
                serviceAccount: {annotations: {note: here}}
                metrics:
                  serviceMonitor: always
                  rules: always
                  disabledAlerts: [BarnraiserNotReady]
                  labels: {release: prometheus}
                  dashboards: {namespace: grafana, labels: {dashboard: "yes"}, annotations: {folder: Barnraiser}}
                """);
    }

    /** The demo model on two workers. */
    static final String SMALL_CLUSTER = """
                                        cluster:
                                          create: true
                                          name: demo
                                          annotations: {note: here}
                                          spec:
                                            model: {source: /barn/models/barnraiser-demo.gguf}
                                            stages: 2
                                            pools:
                                              - {name: main, minReplicas: 2, memory: 1G}
                                        """;

    /** What {@code helm template} prints. */
    static String render(String values) throws IOException {
        Path file = Files.writeString(Files.createTempFile("values", ".yaml"), values);
        try {
            return new Helm(RENDERED).template().withName(RELEASE).withNamespace(NAMESPACE).withValuesFile(file).call();
        } finally {
            Files.delete(file);
        }
    }

    /** A copy of which Helm prints the hooks too, as they are pods like others. */
    private static Path withoutHooks() {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            Path copy = Files.createTempDirectory("chart").resolve("barnraiser");
            for (Path file : files.toList()) {
                Path to = copy.resolve(FOLDER.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.writeString(to, Files.readString(file).replaceAll("(?m)^ *helm.sh/hook.*\\R", ""));
                }
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its documents. */
    static List<JsonNode> documents(String values) throws IOException {
        return YamlText.parse(render(values));
    }

    /** The only document of a kind. */
    static JsonNode only(String kind, String values) throws IOException {
        List<JsonNode> found = documents(values).stream()
                .filter(document -> document.path("kind").asText().equals(kind)).toList();
        if (found.size() != 1) {
            throw new IllegalStateException(found.size() + " documents are of the kind " + kind);
        }
        return found.getFirst();
    }

    static LintResult lint() {
        return new Helm(FOLDER).lint().strict().call();
    }
}
