package org.barnraiser.testing.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** What a reader can do on the chat page. */
class ChatPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ScriptedServer.Script ECHO = (prompt, voice) -> voice.say("You said: ")
            .say(lastQuestion(prompt)).say(".");
    private static final ScriptedServer.Script ENDLESS = (prompt, voice) -> voice.say("word ".repeat(20_000), 5, 100);

    private static Chromium chromium;
    private static ScriptedServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        chromium = Chromium.start();
        server = new ScriptedServer(ECHO);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (chromium != null) {
            chromium.close();
        }
    }

    @BeforeEach
    void echo() {
        server.follow(ECHO);
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
    void a_conversation_is_there_after_a_reload_and_can_be_renamed_pinned_found_and_deleted() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Where is the hammer?");
            reader.page().reload();
            assertThat(reader.lastAnswer()).hasText("You said: Where is the hammer?.");
            reader.click("New chat").askAndRead("Where is the saw?");

            reader.fromMenu("Rename").page().locator("#title").fill("Tools");
            reader.page().keyboard().press("Enter");
            assertThat(reader.conversations()).hasText(new String[]{"Tools", "Where is the hammer?"});
            reader.page().locator("#search").fill("HAMMER said");
            assertThat(reader.conversations()).hasText(new String[]{"Where is the hammer?"});
            reader.conversations().first().click();
            reader.fromMenu("Pin").page().locator("#search").fill("");
            assertThat(reader.conversations()).hasText(new String[]{"Where is the hammer?", "Tools"});

            reader.fromMenu("Delete").page().locator("dialog").getByText("Delete", exactly()).click();
            assertThat(reader.conversations()).hasText(new String[]{"Tools"});
            reader.page().reload();
            assertThat(reader.conversations()).hasText(new String[]{"Tools"});
        }
    }

    @Test
    void asking_again_and_editing_make_branches_between_which_a_reader_can_switch() {
        AtomicInteger answers = new AtomicInteger();
        server.follow(
                (prompt, voice) -> voice.say("Answer " + answers.incrementAndGet() + " to " + lastQuestion(prompt)));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("first").click("Answer again")
                    .awaitText("Answer 2")
                    .awaitAnswer();
            reader.page().locator(".message.assistant").getByLabel("Earlier version").click();
            reader.awaitText("Answer 1 to first");

            reader.click("Edit").page().locator("#editor").fill("second");
            reader.page().keyboard().press("Enter");
            reader.awaitText("Answer 3 to second").awaitAnswer();
            reader.page().locator(".message.user").getByLabel("Earlier version").click();
            reader.awaitText("Answer 2 to first");
            assertThat(reader.page().locator(".message.user .branches")).hasText("1/2");
        }
    }

    @Test
    void everything_can_be_saved_deleted_and_loaded_again_with_its_branches() throws Exception {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("one").click("Answer again").awaitAnswer();
            reader.click("New chat").askAndRead("two").askAndRead("three");
            Path first = reader.save("Save all (JSON)", folder);
            JsonNode saved = JSON.readTree(first.toFile());
            assertThat(saved.path("conversations").findValues("role")).hasSize(7);

            reader.page().locator(".list-foot button").click();
            reader.click("Delete everything").click("Delete everything");
            assertThat(reader.conversations()).hasCount(0);
            assertThat(reader.load(first)).isEqualTo("Loaded conversations: 2.");

            assertThat(JSON.readTree(reader.save("Save all (JSON)", folder).toFile())).isEqualTo(saved);
            assertThat(reader.load(first)).isEqualTo("Loaded conversations: 2.");
            assertThat(reader.conversations()).hasCount(4);
        }
    }

    @Test
    void a_conversation_saved_as_text_can_be_read_and_loaded() throws Exception {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("What is **bold**?");
            Path text = reader.save("Save all as text (Markdown)", folder);
            assertThat(Files.readString(text)).containsSubsequence("# What is **bold**?", "## You", "What is **bold**?",
                    "## barn-model", "You said: What is **bold**?.");

            assertThat(reader.load(text)).isEqualTo("Loaded conversations: 1.");
            reader.conversations().first().click();
            assertThat(reader.lastAnswer()).hasText("You said: What is bold?.");
        }
    }

    @Test
    void a_file_that_is_no_export_is_refused_and_changes_nothing() throws Exception {
        Path circle = Files.writeString(folder.resolve("circle.json"),
                """
                {"format": "barnraiser-conversations", "version": 1, "conversations": [{"conversation": {"id": "c"}, "messages": [
                 {"id": "a", "parent": "b", "role": "user", "text": ""}, {"id": "b", "parent": "a", "role": "user", "text": ""}]}]}""");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{");
        Path other = Files.writeString(folder.resolve("other.md"), "# A recipe");
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/");
            assertThat(reader.load(circle)).contains("cannot be read");
            assertThat(reader.load(broken)).contains("JSON");
            assertThat(reader.load(other)).contains("no conversations");
            assertThat(reader.conversations()).hasCount(0);
        }
    }

    @Test
    void text_and_pdf_files_go_with_the_question() throws Exception {
        List<String> prompts = new ArrayList<>();
        server.follow((prompt, voice) -> {
            prompts.add(prompt);
            voice.say("Read.");
        });
        Path text = Files.writeString(folder.resolve("hours.csv"), "day,opens\nMonday,nine\n");
        Path pdf = Files.write(folder.resolve("rules.pdf"), Pdf.withLine("Bring your own mug."));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").attach(text, pdf);
            assertThat(reader.page().locator(".chip")).containsText(new String[]{"22 tokens", "19 tokens"});

            reader.askAndRead("What are the rules?");

            assertThat(prompts.getLast()).contains("hours.csv:\n```\nday,opens\nMonday,nine\n", "Bring your own mug.",
                    "What are the rules?");
            assertThat(reader.page().locator(".files summary")).containsText(new String[]{"hours.csv", "rules.pdf"});
        }
    }

    @Test
    void a_file_that_cannot_be_read_is_refused_in_words() throws Exception {
        Path picture = Files.write(folder.resolve("picture.txt"), new byte[]{(byte) 0x89, 'P', 'N', 'G', 0, 1, 2, 0});
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").attach(picture);
            assertThat(reader.page().locator(".composer .note"))
                    .hasText("“picture.txt” is not a text, a PDF or a DOCX.");
            assertThat(reader.button("Send")).isDisabled();
        }
    }

    @Test
    void instructions_sliders_and_things_to_remember_reach_the_model() {
        List<String> prompts = new ArrayList<>();
        server.follow((prompt, voice) -> {
            prompts.add(prompt);
            voice.say("Yes.");
        });
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").click("Explain simply").click("Settings");
            Page page = reader.page();
            page.getByLabel("A new thing to remember").fill("I teach class 4b.");
            reader.click("Add").click("Close").askAndRead("Hello");
            assertThat(prompts.getLast()).contains("plain words").doesNotContain("4b");

            reader.click("Settings");
            page.getByLabel("Tell the model in this conversation").check();
            page.locator("#temperature").fill("0");
            assertThat(page.locator("#temperature-exact")).hasText("temperature = 0");
            String body = page.waitForRequest("**/v1/chat/completions", () -> reader.click("Close").ask("Again"))
                    .postData();
            reader.awaitAnswer();
            assertThat(prompts.getLast()).contains("I teach class 4b.");
            assertThat(body).contains("\"temperature\":0,").doesNotContain("top_p");
        }
    }

    @Test
    void the_oldest_messages_stay_behind_when_the_context_is_full() {
        List<String> prompts = new ArrayList<>();
        server.follow((prompt, voice) -> {
            prompts.add(prompt);
            voice.say("Noted.");
        });
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("OLDEST " + "x".repeat(9_000))
                    .askAndRead("MIDDLE " + "y".repeat(9_000)).askAndRead("NEWEST");

            assertThat(prompts.getLast()).contains("MIDDLE", "NEWEST").doesNotContain("OLDEST");
            assertThat(reader.page().getByText("The 2 oldest messages no longer fit").last()).isVisible();
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
    void a_guest_leaves_nothing_behind() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader guest = ChatReader.at(visit, "/?guest").askAndRead("A secret").click("New chat")
                    .askAndRead("Another one");
            assertThat(guest.page().locator(".guest")).containsText("Forgets in");
            assertThat(guest.conversations()).hasCount(2);
            assertThat(guest.stored()).isEmpty();
            assertThat(guest.page().url()).endsWith("/?guest");

            guest.click("Forget now");

            assertThat(guest.conversations()).hasCount(0);
            assertThat(guest.page().locator("body")).not().containsText("secret");
            assertThat(guest.stored()).isEmpty();
        }
    }

    @Test
    void a_browser_that_keeps_nothing_is_told_of_and_chatted_in_all_the_same() {
        try (Visit visit = Visit.of(chromium, server.url())) {
            visit.context().addInitScript("Object.defineProperty(window, 'indexedDB', "
                    + "{ value: { open() { throw new DOMException('no', 'SecurityError'); } } });");
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Hello");
            assertThat(reader.page().locator(".list-foot")).containsText("lets pages keep nothing");
            assertThat(reader.conversations()).hasCount(1);
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

    private static Locator.GetByTextOptions exactly() {
        return new Locator.GetByTextOptions().setExact(true);
    }

    /** What the reader asked last, in a prompt of ChatML. */
    private static String lastQuestion(String prompt) {
        String from = prompt.substring(prompt.lastIndexOf("<|im_start|>user\n") + "<|im_start|>user\n".length());
        return from.substring(0, from.indexOf("<|im_end|>"));
    }
}
