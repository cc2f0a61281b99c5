package org.barnraiser.helm.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.barnraiser.helm.SourceTree;

/**
 * One panel of a Grafana dashboard.
 *
 * @param dashboard the dashboard's uid, which names its file too
 */
record Panel(String dashboard, String title, JsonNode json, List<Query> queries) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An expression, and what Grafana calls each series of its result. */
    record Query(String expression, String legend) {
        /** As Grafana sends it when all clusters are chosen; rates are those of the last {@code window}. */
        String expanded(String window) {
            return expression.replace("$job", ".*").replace("$__rate_interval", window);
        }
    }

    static Stream<Path> files() {
        try (Stream<Path> files = Files.list(SourceTree.path("helm/barnraiser/dashboards"))) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** All panels of all dashboards. */
    static List<Panel> all() {
        return files().map(Panel::read).flatMap(dashboard -> Stream.of(dashboard).flatMap(Panel::of)).toList();
    }

    private static Stream<Panel> of(JsonNode dashboard) {
        List<Panel> panels = new ArrayList<>();
        for (JsonNode panel : dashboard.path("panels")) {
            List<Query> queries = new ArrayList<>();
            panel.path("targets").forEach(target -> queries
                    .add(new Query(target.path("expr").asText(), target.path("legendFormat").asText())));
            panels.add(new Panel(dashboard.path("uid").asText(), panel.path("title").asText(), panel, queries));
        }
        return panels.stream();
    }
}
