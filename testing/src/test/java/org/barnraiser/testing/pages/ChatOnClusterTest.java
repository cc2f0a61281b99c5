package org.barnraiser.testing.pages;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Path;
import java.time.Duration;
import org.barnraiser.testing.cluster.RunningBarn;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A reader on the chat page of a real cluster with the demo model. */
@ExtendWith(OneChromium.class)
class ChatOnClusterTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private static Path data;

    private static final int WORKERS = 3;

    private static Chromium chromium;

    @AutoClose
    private static RunningBarn barn;

    @BeforeAll
    static void start(Chromium one) throws Exception {
        PlaywrightAssertions.setDefaultAssertionTimeout(90_000);
        chromium = one;
        barn = RunningBarn.start(RunningBarn.Settings.demo(WORKERS, data)).awaitReady(PATIENCE);
    }

    /** A worker that comes late, or back, gets its stage once the model is ready without it. */
    @BeforeEach
    void awaitAll() {
        await().atMost(PATIENCE)
                .until(() -> barn.stages().size() == WORKERS && barn.get("/readyz").statusCode() == 200);
    }

    @Test
    void the_demo_model_says_what_barnraiser_is_and_the_reload_keeps_it() throws Exception {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            ChatReader reader = ChatReader.at(visit, "/").click("Settings");
            reader.page().locator("#temperature").fill("0");
            reader.click("Close").askAndRead("What is Barnraiser?").awaitText("Barnraiser");
            String answer = reader.lastAnswer().textContent();
            assertThat(reader.page().locator(".facts")).containsText("barnraiser-demo");
            reader.click("Show where this ran");
            assertThat(reader.page().locator(".stage")).hasCount(barn.stages().size());
            reader.page().reload();
            assertThat(reader.lastAnswer()).hasText(answer.strip());
        }
    }

    @Test
    void an_answer_that_is_stopped_frees_its_slot_at_once() throws Exception {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            ChatReader.at(visit, "/").ask("Tell me a long story").page().keyboard().press("Escape");
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(barn.get("/metrics").body())
                    .containsPattern("(?m)^barnraiser_sequences_running(\\{[^}]*\\})? 0\\.0$"));
        }
    }

    @Test
    void a_worker_killed_in_mid_answer_costs_no_word() throws Exception {
        try (Visit visit = Visit.of(chromium, barn.url())) {
            ChatReader reader = ChatReader.at(visit, "/").click("Settings");
            reader.page().locator("#temperature").fill("0");
            reader.click("Close").askAndRead("What is Barnraiser?");
            String whole = reader.lastAnswer().textContent();

            reader.click("Answer again");
            assertThat(reader.page().locator(".message.assistant[aria-busy=true] .block")).isVisible();
            barn.killStage(1);
            reader.awaitAnswer();

            assertThat(reader.lastAnswer()).hasText(whole.strip());
            assertThat(reader.page().locator(".note.bad")).hasCount(0);
            // Nobody can count tokens while machines take over, and browsers write down every such answer.
            visit.complaints().removeIf(complaint -> complaint.contains("503"));
        }
    }
}
