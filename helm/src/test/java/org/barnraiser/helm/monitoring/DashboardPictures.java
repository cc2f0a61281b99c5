package org.barnraiser.helm.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.barnraiser.helm.SourceTree;
import org.barnraiser.helm.Tool;

/**
 * Pictures of the dashboards for the documentation, drawn from what the panels' own queries gave:
 * {@code ./barn test -Dtest=MonitoringTest -Dbarnraiser.screenshots=true}.
 */
final class DashboardPictures {
    static final boolean WANTED = Boolean.getBoolean("barnraiser.screenshots");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WIDTH = 1280;

    private DashboardPictures() {}

    /** Writes {@code docs/images/dashboards/UID.png} for each dashboard. */
    static void take(PrometheusServer prometheus, long fromEpochSeconds) throws IOException, InterruptedException {
        long to = System.currentTimeMillis() / 1000;
        Path chromium = Tool.require("chromium", "chromium");
        try (Playwright playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
                Browser browser = playwright.chromium().launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium).setArgs(List.of("--headless=new", "--no-sandbox")))) {
            for (JsonNode dashboard : Panel.files().map(Panel::read).toList()) {
                String uid = dashboard.path("uid").asText();
                ObjectNode drawn = JSON.createObjectNode().put("title", dashboard.path("title").asText());
                ArrayNode panels = drawn.putArray("panels");
                for (Panel panel : Panel.all()) {
                    if (panel.dashboard().equals(uid)) {
                        panels.add(drawn(panel, prometheus, fromEpochSeconds, to));
                    }
                }
                Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(WIDTH, 400));
                page.setContent(resource("org/barnraiser/helm/monitoring/dashboard.html"));
                page.addScriptTag(new Page.AddScriptTagOptions().setContent(chartJs()));
                page.evaluate("dashboard => draw(dashboard)", JSON.convertValue(drawn, Map.class));
                page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                        .setPath(SourceTree.path("docs/images/dashboards").resolve(uid + ".png")));
                page.close();
            }
        }
    }

    private static ObjectNode drawn(Panel panel, PrometheusServer prometheus, long from, long to)
            throws IOException, InterruptedException {
        ObjectNode json = JSON.createObjectNode();
        json.set("panel", panel.json());
        ArrayNode series = json.putArray("series");
        for (Panel.Query query : panel.queries()) {
            for (JsonNode one : prometheus.query(query.expanded("30s"), from, to)) {
                ObjectNode line = series.addObject().put("name", name(query.legend(), one.path("metric")));
                line.set("values", one.path("values"));
            }
        }
        return json;
    }

    private static String name(String legend, JsonNode labels) {
        String name = legend;
        for (Map.Entry<String, JsonNode> label : labels.properties()) {
            name = name.replace("{{" + label.getKey() + "}}", label.getValue().asText());
        }
        return name;
    }

    private static String chartJs() throws IOException {
        try (InputStream properties = open("META-INF/maven/org.webjars.npm/chart.js/pom.properties")) {
            java.util.Properties pom = new java.util.Properties();
            pom.load(properties);
            return resource("META-INF/resources/webjars/chart.js/" + pom.getProperty("version") + "/dist/chart.umd.js");
        }
    }

    private static String resource(String name) {
        try (InputStream stream = open(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read", e);
        }
    }

    private static InputStream open(String name) {
        InputStream stream = DashboardPictures.class.getClassLoader().getResourceAsStream(name);
        if (stream == null) {
            throw new IllegalStateException(name + " is not on the class path");
        }
        return stream;
    }
}
