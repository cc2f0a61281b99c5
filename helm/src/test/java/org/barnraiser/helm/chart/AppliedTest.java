package org.barnraiser.helm.chart;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.helm.ApiServer;
import org.barnraiser.helm.Tool;
import org.barnraiser.testing.kube.MonitoringKinds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A real API server accepts what the chart makes. */
class AppliedTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void every_document_of_every_set_of_values_is_accepted() throws Exception {
        try (ApiServer server = ApiServer.start(folder)) {
            run(server, "create", "namespace", Chart.NAMESPACE);
            run(server, "create", "namespace", "grafana");
            run(server, "apply", "--validate=false", "--filename",
                    Chart.FOLDER.resolve("crds/inferenceclusters.yaml").toString());
            run(server, "apply", "--filename",
                    Files.writeString(folder.resolve("monitoring.json"), MonitoringKinds.JSON).toString());
            run(server, "wait", "--for=condition=Established", "--timeout=60s", "crd",
                    "inferenceclusters.barnraiser.org", "servicemonitors.monitoring.coreos.com",
                    "prometheusrules.monitoring.coreos.com");
            for (String values : Chart.matrix()) {
                ObjectNode all = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "List");
                ArrayNode items = all.putArray("items");
                Chart.documents(values).forEach(items::add);
                Path file = Files.writeString(folder.resolve("all.json"), JSON.writeValueAsString(all));
                run(server, "create", "--dry-run=server", "--filename", file.toString());
            }
        }
    }

    private static void run(ApiServer server, String... arguments) throws Exception {
        Tool.Result result = server.kubectl(List.of(arguments));
        assertThat(result.status()).as(result.output()).isZero();
    }
}
