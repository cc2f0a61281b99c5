package org.barnraiser.helm.monitoring;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.Tool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The rules file by itself. */
class RulesTest {
    private static final Path CASES = SourceTree.path("helm/src/test/resources/alerts.yaml");

    @TempDir
    private Path folder;

    @Test
    void prometheus_accepts_every_rule() throws Exception {
        Path promtool = Tool.require("promtool", "prometheus");
        Tool.Result result = Tool.run(folder, List.of(promtool.toString(), "check", "rules", Alert.FILE.toString()));
        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).contains(Alert.all().size() + " rules found");
    }

    @Test
    void each_alert_fires_when_it_should_and_only_then() throws Exception {
        Path promtool = Tool.require("promtool", "prometheus");
        Files.copy(Alert.FILE, folder.resolve("barnraiser.yaml"));
        Path cases = Files.copy(CASES, folder.resolve("alerts.yaml"));
        Tool.Result result = Tool.run(folder, List.of(promtool.toString(), "test", "rules", cases.toString()));
        assertThat(result.status()).as(result.output()).isZero();
        assertThat(Alert.all()).allSatisfy(alert -> assertThat(Files.readString(CASES))
                .as("each alert has a case that fires and one that does not")
                .containsPattern("alertname: " + alert.name() + "\\s+exp_alerts:\\s+- ")
                .containsPattern("alertname: " + alert.name() + "\\s+exp_alerts: \\[]"));
    }
}
