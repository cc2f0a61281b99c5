package org.barnraiser.helm.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.YamlText;

/** One rule of the rules file. */
record Alert(String name, String expression) {
    static final Path FILE = SourceTree.path("helm/barnraiser/rules/barnraiser.yaml");
    private static final Pattern METRIC = Pattern.compile("barnraiser_[a-z_]+");

    static List<Alert> all() throws IOException {
        JsonNode file = YamlText.parse(Files.readString(FILE)).getFirst();
        return file.path("groups").valueStream().flatMap(group -> group.path("rules").valueStream())
                .map(rule -> new Alert(rule.path("alert").asText(), rule.path("expr").asText())).toList();
    }

    /** Names of the metrics that it looks at. */
    List<String> metrics() {
        return METRIC.matcher(expression).results().map(MatchResult::group).distinct().toList();
    }
}
