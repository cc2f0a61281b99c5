package org.barnraiser.testing.pages;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

/** Takes the pictures of the pages in the documentation: {@code ./barn test -Dtest=PicturesTest -Dbarnraiser.screenshots=true}. */
@EnabledIfSystemProperty(named = "barnraiser.screenshots", matches = "true")
class PicturesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** What each page shows when it is complete. */
    private static final Map<String, String> PAGES = Map.of("cluster", ".line .machine", "fit", ".verdict", "lend",
            ".here strong", "questions", "article h2");

    @TempDir
    private Path data;

    @Test
    void every_page_has_its_picture_in_light_in_dark_and_on_a_phone() throws Exception {
        try (Chromium chromium = Chromium.start();
                RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(3, data)).awaitReady(PATIENCE)) {
            Thread reader = Thread.ofVirtual().start(() -> keepAsking(barn));
            PAGES.forEach((page, complete) -> {
                take(chromium, barn, page, complete, ColorScheme.LIGHT, 1280, 800, page + "-light");
                take(chromium, barn, page, complete, ColorScheme.DARK, 1280, 800, page + "-dark");
                take(chromium, barn, page, complete, ColorScheme.LIGHT, 390, 844, page + "-phone");
            });
            reader.interrupt();
            reader.join();
        }
    }

    /** So that the cluster has something to show. */
    private static void keepAsking(RunningBarn barn) {
        try {
            while (true) {
                barn.post("/v1/completions", """
                                             {"prompt": "Once", "max_tokens": 60, "ignore_eos": true}""");
            }
        } catch (IOException | InterruptedException _) {
            // The pictures are taken.
        }
    }

    private static void take(Chromium chromium, RunningBarn barn, String name, String complete, ColorScheme scheme,
            int width, int height, String picture) {
        try (Visit visit = Visit.of(chromium, barn.url(),
                options -> options.setColorScheme(scheme).setViewportSize(width, height))) {
            Page page = visit.open("/" + name);
            assertThat(page.locator(complete).first()).isVisible();
            Screenshots.take(page, picture);
        }
    }
}
