package org.barnraiser.testing.pages;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** How an answer appears on the chat page, for whoever reads it. */
@ExtendWith(OneChromium.class)
class ChatPageTest {
    private static final ScriptedServer.Script ENDLESS = (prompt, voice) -> voice.say("word ".repeat(20_000), 5, 100);

    private static Chromium chromium;

    @AutoClose
    private static ScriptedServer server;

    @BeforeAll
    static void start(Chromium one) {
        chromium = one;
        server = new ScriptedServer(ScriptedServer.ECHO);
    }

    @BeforeEach
    void echo() {
        server.follow(ScriptedServer.ECHO);
    }

    @Test
    void an_answer_appears_while_it_is_made_and_can_be_stopped_by_the_keyboard() {
        server.follow(ENDLESS);
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").ask("Go on for ever").awaitText("word word");
            assertThat(reader.button("Stop")).isVisible();

            reader.page().keyboard().press("Escape");

            assertThat(reader.awaitAnswer().button("Continue")).isVisible();
            assertThat(reader.page().locator(".ending")).containsText("Stopped.");
        }
    }

    @Test
    void an_answer_that_was_stopped_goes_on_where_it_ended() {
        server.follow((prompt, voice) -> {
            if (prompt.endsWith("assistant\nOnce upon")) {
                voice.say(" a time.");
            } else {
                voice.say("Once").say(" upon").fail("the machine is gone");
            }
        });
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Tell me a story");
            assertThat(reader.page().locator(".note.bad")).containsText("What came so far is kept.");
            assertThat(reader.lastAnswer()).hasText("Once upon");

            reader.click("Continue").awaitText("Once upon a time.").awaitAnswer();

            assertThat(reader.page().locator(".note.bad")).hasCount(0);
        }
    }

    @Test
    void a_machine_that_leaves_is_a_quiet_note_until_the_answer_goes_on() {
        CountDownLatch found = new CountDownLatch(1);
        server.follow((prompt, voice) -> {
            voice.say("The barn opens");
            voice.lose("A machine left.");
            assertThat(found.await(2, TimeUnit.MINUTES)).isTrue();
            voice.speakOn();
            voice.say(" at nine.");
        });
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").ask("When?");
            assertThat(reader.page().locator(".status[role=status]")).hasText("A machine left, finding another …");
            assertThat(reader.lastAnswer()).hasText("The barn opens");

            found.countDown();

            reader.awaitText("The barn opens at nine.").awaitAnswer();
            assertThat(reader.page().locator(".status")).hasCount(0);
            reader.click("Show where this ran");
            assertThat(reader.page().locator(".stages")).hasCount(2);
        }
    }

    @Test
    void an_answer_tells_which_model_made_it_how_fast_and_where() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Where do you run?");
            assertThat(reader.page().locator(".facts")).containsText("barn-model");
            assertThat(reader.page().locator(".facts")).containsText("tokens/s");
            assertThat(reader.page().locator(".fingerprint")).hasAttribute("title", Pattern.compile(
                    ".*sha256:(0123456789abcdef){4}"));

            reader.click("Show where this ran");

            assertThat(reader.page().locator(".stage")).containsText(
                    new String[]{"reading-room", "office", "cellar"});
            assertThat(reader.page().locator(".stage").last()).containsText("layers 21 to 32");
        }
    }

    @Test
    void the_page_stays_where_the_reader_scrolled_to() {
        server.follow((prompt, voice) -> voice.say("A line of the answer.\n\n".repeat(400), 23, 100));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").ask("Many lines");
            Locator box = reader.page().locator(".scroll");
            reader.page().waitForFunction("() => document.querySelector('.scroll').scrollTop > 400");
            box.evaluate("box => { box.scrollTop = 100; }");
            Number height = (Number) box.evaluate("box => box.scrollHeight");
            reader.page().waitForFunction("before => document.querySelector('.scroll').scrollHeight > before + 500",
                    height);

            assertThat(((Number) box.evaluate("box => box.scrollTop")).intValue()).isEqualTo(100);

            reader.click("To the newest text");
            reader.page().waitForFunction("() => document.querySelector('.scroll').scrollTop > 500");
            reader.page().keyboard().press("Escape");
            reader.awaitAnswer();
        }
    }

    @Test
    void a_screen_reader_hears_whole_sentences() {
        CountDownLatch heard = new CountDownLatch(1);
        server.follow((prompt, voice) -> {
            voice.say("The barn *opens* at nine. It clo", 2, 200);
            assertThat(heard.await(2, TimeUnit.MINUTES)).isTrue();
            voice.say("ses at five", 2, 200);
        });
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").ask("When?");
            Locator voice = reader.page().locator("#voice[aria-live=polite] p");
            assertThat(voice).hasText(new String[]{"The barn opens at nine."});
            heard.countDown();
            reader.awaitAnswer();
            assertThat(voice).hasText(new String[]{"The barn opens at nine.", "It closes at five"});
        }
    }

    @Test
    void the_keyboard_alone_is_enough() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/");
            Page page = reader.page();
            assertThat(reader.question()).isFocused();
            page.keyboard().type("one");
            page.keyboard().press("Shift+Enter");
            page.keyboard().type("two");
            page.keyboard().press("Enter");
            reader.awaitText("You said").awaitAnswer();
            assertThat(page.locator(".said").textContent()).isEqualTo("one\ntwo");
            assertThat(reader.question()).isFocused();

            page.keyboard().press("ArrowUp");
            assertThat(page.locator("#editor")).isFocused();
            page.keyboard().press("Escape");
            assertThat(reader.question()).isFocused();
            page.keyboard().press("Control+k");
            assertThat(page.locator("#search")).isFocused();
            page.keyboard().press("Shift+Escape");
            page.keyboard().press("Control+/");
            assertThat(page.locator("dialog h2")).hasText("Keyboard");
            page.keyboard().press("Escape");
            page.keyboard().press("Control+Shift+O");
            assertThat(page.locator(".greeting")).isVisible();
        }
    }

    @Test
    void nobody_is_kept_out_in_light_dark_or_on_a_phone() {
        server.follow((prompt, voice) -> voice.say(SAMPLE));
        for (ColorScheme scheme : new ColorScheme[]{ColorScheme.LIGHT, ColorScheme.DARK}) {
            for (int width : new int[]{1280, 390}) {
                try (Visit visit = Visit.of(chromium, server.url(),
                        options -> options.setColorScheme(scheme).setViewportSize(width, 800))) {
                    String where = scheme + " " + width;
                    ChatReader reader = ChatReader.at(visit, "/");
                    assertThat(Axe.seriousViolations(reader.page())).as("welcome " + where).isEmpty();
                    reader.askAndRead("Show me everything").click("Show where this ran");
                    assertThat(reader.page().locator(".hljs-keyword").first()).isVisible();
                    assertThat(Axe.seriousViolations(reader.page())).as("answer " + where).isEmpty();
                    reader.page().locator(".settings-button").click();
                    assertThat(Axe.seriousViolations(reader.page())).as("settings " + where).isEmpty();
                    reader.click("Close");
                    reader.page().keyboard().press("Control+k");
                    reader.page().locator(".list-foot button").click();
                    assertThat(Axe.seriousViolations(reader.page())).as("data " + where).isEmpty();
                }
            }
        }
    }

    @Test
    void what_a_model_thinks_aloud_is_folded_away() {
        server.follow((prompt, voice) -> voice.say("<think>\nLet me *see*.\n</think>\n\nAt nine.", 3, 200));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("When?");
            assertThat(reader.lastAnswer().locator(".answer")).hasText("At nine.");
            assertThat(reader.lastAnswer().locator(".thoughts")).isHidden();
            reader.page().getByText("What the model thought").click();
            assertThat(reader.lastAnswer().locator(".thoughts")).hasText("Let me see.");
            assertThat(reader.page().locator("#voice p")).hasText(new String[]{"At nine."});
        }
    }

    @Test
    void a_list_that_streams_in_is_one_list_in_the_end() {
        server.follow((prompt, voice) -> voice
                .say("Steps:\n\n3. three\n4. four\n   - nested\n   - more\n5. five\n\nDone.\n\n- a\n- b", 2, 300));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Which steps?");
            assertThat(reader.lastAnswer().locator(".block > ol")).hasCount(1);
            assertThat(reader.lastAnswer().locator(".block > ol")).hasAttribute("start", "3");
            assertThat(reader.lastAnswer().locator("ol > li")).hasCount(3);
            assertThat(reader.lastAnswer().locator("ol ul > li")).hasText(new String[]{"nested", "more"});
            assertThat(reader.lastAnswer().locator(".block > ul")).hasCount(1);
            assertThat(reader.lastAnswer().locator(".block > ul > li")).hasText(new String[]{"a", "b"});
        }
    }

    @Test
    void code_formulas_and_tables_are_drawn() {
        server.follow((prompt, voice) -> voice.say(SAMPLE, 3, 400));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("How is a barn raised?")
                    .click("Show where this ran");
            assertThat(reader.page().locator(".code-bar")).containsText("python");
            assertThat(reader.page().locator(".hljs-keyword").first()).hasText("def");
            assertThat(reader.lastAnswer().locator("math")).hasCount(2);
            assertThat(reader.lastAnswer().locator("td")).hasCount(4);
            Screenshots.take(reader.page(), "chat");
        }
    }

    private static final String SAMPLE = """
                                         A barn is raised **by many hands**. Neighbours bring *timber*, tools and food.

                                         | Part | Count |
                                         |---|---:|
                                         | Post | 8 |
                                         | Beam | 14 |

                                         A rafter has the length $r = \\sqrt{h^2 + b^2}$, and all of them together

                                         $$\\sum_{i=1}^{n} r_i = n \\cdot \\frac{s}{2} \\sqrt{1 + p^2}$$

                                         ```python
                                         def rafter(half_span, pitch):
                                             \"\"\"Length of a rafter in metres.\"\"\"
                                             return half_span * (1 + pitch ** 2) ** 0.5
                                         ```
                                         """;
}
