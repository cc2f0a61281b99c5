package org.barnraiser.testing.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/** What goes into a conversation on the chat page, and what is kept of it. */
@ExtendWith(OneChromium.class)
class ConversationsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Chromium chromium;

    @AutoClose
    private static ScriptedServer server;

    @TempDir
    private Path folder;

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
                (prompt, voice) -> voice
                        .say("Answer " + answers.incrementAndGet() + " to " + ScriptedServer.lastQuestion(prompt)));
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

    private static Locator.GetByTextOptions exactly() {
        return new Locator.GetByTextOptions().setExact(true);
    }
}
