package org.barnraiser.testing.pages;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.time.Duration;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** What holds for every page. */
@ExtendWith(OneChromium.class)
class EveryPageTest {
    private static final String TRANSFERRED = """
                                              () => ['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type))
                                                  .reduce((sum, entry) => sum + entry.transferSize, 0)""";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path data;

    private static Chromium chromium;

    @AutoClose
    private static RunningBarn barn;

    @BeforeAll
    static void start(Chromium one) throws Exception {
        chromium = one;
        barn = RunningBarn.start(RunningBarn.Settings.demo(2, data)).awaitReady(PATIENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/cluster", "/fit", "/lend", "/questions", "/members"})
    void no_page_keeps_anybody_out_in_either_theme(String path) {
        for (ColorScheme scheme : new ColorScheme[]{ColorScheme.LIGHT, ColorScheme.DARK}) {
            try (Visit visit = Visit.of(chromium, barn.url(), options -> options.setColorScheme(scheme))) {
                Page page = visit.open(path);
                assertThat(page.locator("h1").first()).isVisible();
                assertThat(Axe.seriousViolations(page)).as(path + " " + scheme).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/cluster", "/fit", "/lend", "/questions", "/members"})
    void a_first_visit_loads_less_than_300_kilobytes(String path) {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open(path);
            assertThat(page.locator("h1").first()).isVisible();
            int bytes = ((Number) page.evaluate(TRANSFERRED)).intValue();
            System.out.println(path + " loaded " + bytes + " bytes");
            assertThat(bytes).isBetween(1_000, 300_000);
        }
    }

    @Test
    void a_german_reader_sees_german_and_may_choose_english_for_good() {
        try (Visit visit = Visit.of(chromium, barn.url(), options -> options.setLocale("de-AT"))) {
            Page page = visit.open("/lend");
            assertThat(page.locator("html")).hasAttribute("lang", "de");
            assertThat(page.locator("h1")).hasText("Einen Rechner verleihen");
            page.locator("#language").selectOption("en");
            assertThat(page.locator("h1")).hasText("Lend a machine");
            assertThat(page.locator("nav a[aria-current=page]")).hasText("Lend a machine");
            visit.open("/cluster");
            assertThat(page.locator("html")).hasAttribute("lang", "en");
        }
    }

    @Test
    void the_keyboard_alone_leads_to_the_content_and_to_every_page() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/lend");
            assertThat(page.locator("h1")).isVisible();
            page.keyboard().press("Tab");
            Locator focused = page.locator(":focus");
            assertThat(focused).hasText("Skip to the content");
            page.keyboard().press("Enter");
            assertThat(page.locator("#main")).isFocused();
            page.keyboard().press("Shift+Tab");
            page.locator("nav a[href='/questions']").focus();
            page.keyboard().press("Enter");
            assertThat(page.locator("nav a[aria-current=page]")).hasAttribute("href", "/questions");
        }
    }

    @Test
    void a_chosen_theme_is_there_on_the_next_page() {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            Page page = visit.open("/lend");
            page.locator("#theme").selectOption("dark");
            visit.open("/questions");
            assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
            assertThat(page.locator("#theme")).hasValue("dark");
        }
    }
}
