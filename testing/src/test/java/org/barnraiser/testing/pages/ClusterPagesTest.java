package org.barnraiser.testing.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.SelectOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** The pages about machines, with machines that come and go. */
@ExtendWith(OneChromium.class)
class ClusterPagesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path data;

    private static Chromium chromium;

    @AutoClose
    private static RunningBarn barn;

    @BeforeAll
    static void start(Chromium one) throws Exception {
        chromium = one;
        Files.writeString(data.resolve("branding.json"), """
                                                         {"name": "Riverside Library",
                                                          "accent": {"light": "#00555f", "dark": "#7fd6e3"}}""");
        barn = RunningBarn.start(RunningBarn.Settings.demo(2, data).withOptions("--kiosk", "7")).awaitReady(PATIENCE);
    }

    @Test
    void the_picture_and_the_table_say_who_holds_which_layers() throws Exception {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/cluster");
            assertThat(page.locator("#readiness")).hasText("The model answers.");
            assertThat(page.locator(".line .machine")).hasCount(2);
            JsonNode head = barn.stages().path(0);
            String layers = (head.path("first").asInt() + 1) + " to " + head.path("last").asInt();
            assertThat(page.locator(".line .machine").first()).containsText(head.path("worker").asText());
            assertThat(page.locator(".line .machine").first()).containsText("Layers " + layers);
            Locator row = page.locator("tbody tr").first();
            assertThat(row).containsText(head.path("worker").asText());
            assertThat(row).containsText(layers);
        }
    }

    @Test
    void the_page_follows_a_machine_that_arrives_and_one_that_leaves_without_being_loaded_again() throws Exception {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/lend");
            assertThat(page.locator(".here li")).hasCount(2);
            JsonNode lend = new ObjectMapper().readTree(barn.get("/api/lend").body());
            assertThat(page.locator("#worker")).containsText("--zookeeper " + lend.path("zooKeeper").asText());
            assertThat(page.locator(".note").first()).containsText("cannot be reached from other machines");

            Process newcomer = worker(lend.path("zooKeeper").asText());
            try {
                assertThat(page.locator(".here li.new")).containsText("newcomer");
                assertThat(page.locator(".here li.new")).containsText("just arrived");
            } finally {
                newcomer.destroyForcibly().waitFor();
            }
            assertThat(page.locator(".here li")).hasCount(2);
        }
    }

    @Test
    void a_model_that_fits_on_the_cluster_is_shown_with_its_parts() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/fit");
            assertThat(page.locator(".verdict")).containsText("It fits.");
            page.getByLabel("The one that is hosted here").check();
            page.getByLabel("Those of this cluster").check();
            assertThat(page.locator("#result tbody tr")).hasCount(2);
            assertThat(page.locator("#result")).containsText("How fast it would be cannot be said");
        }
    }

    @Test
    void a_model_that_is_too_large_is_refused_with_what_to_add_until_it_is_added() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/fit");
            page.getByLabel("Size").selectOption(new SelectOption()
                    .setLabel("71 billion parameters"));
            assertThat(page.locator(".verdict")).containsText("It does not fit.");
            assertThat(page.locator(".verdict")).containsText("One more machine would have to lend");
            page.getByText("+ Workstation, 128 GB").click();
            assertThat(page.locator(".verdict")).containsText("It fits.");
            assertThat(page.locator("#result")).containsText("tokens per second");
        }
    }

    @Test
    void the_questions_are_read_with_their_contents() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/questions");
            page.locator(".questions nav").getByText("Why can answers be wrong?").click();
            assertThat(page.locator("#why-can-answers-be-wrong")).isInViewport();
            assertThat(page.locator("article table")).isVisible();
        }
    }

    @Test
    void a_hosts_name_and_colours_are_on_every_page() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/questions");
            assertThat(page.locator(".brand")).hasText("Riverside Library");
            assertThat(page).hasTitle("Questions · Riverside Library");
            assertThat(page.locator("article h2").first()).isVisible();
            assertThat(page.evaluate("getComputedStyle(document.querySelector('.brand svg')).fill"))
                    .isEqualTo("rgb(0, 85, 95)");
        }
    }

    @Test
    void a_kiosk_says_so_and_keeps_no_choice() throws Exception {
        assertThat(barn.get("/api/settings").body()).isEqualTo("{\"kiosk\":true,\"idleMinutes\":7}");
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/questions");
            assertThat(page.locator("html")).hasAttribute("data-kiosk", "7");
            page.locator("#theme").selectOption("dark");
            assertThat(page.evaluate("localStorage.length")).isEqualTo(0);
        }
    }

    @Test
    void a_breach_of_the_policy_or_a_request_elsewhere_does_not_stay_unnoticed() {
        Visit visit = Visit.of(chromium, barn.url());
        Page page = visit.open("/lend");
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = true\">')");
        page.evaluate("fetch('http://example.invalid/').catch(() => {})");
        page.waitForCondition(() -> visit.complaints().stream().anyMatch(c -> c.contains("Content Security Policy")));
        assertThat(page.evaluate("window.ran")).isNull();
        visit.context().close();
    }

    /** A worker on this machine, as the page says. */
    private static Process worker(String zooKeeper) throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                "org.barnraiser.worker.WorkerMain", "--zookeeper", zooKeeper, "--listen", "127.0.0.1:0", "--memory",
                "1G", "--threads", "1", "--name", "newcomer", "--data", data.resolve("newcomer").toString())
                .redirectErrorStream(true).redirectOutput(data.resolve("newcomer.log").toFile()).start();
    }
}
