package org.barnraiser.testing.pages;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Path;
import java.util.List;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

/** What a reader does on the chat page, in their own words. */
final class ChatReader {
    private static final double PATIENCE_MILLIS = 90_000;

    private final Page page;

    private ChatReader(Page page) {
        this.page = page;
    }

    /** Opens the chat page at a path such as {@code /} or {@code /?guest}. */
    static ChatReader at(Visit visit, String path) {
        ChatReader reader = new ChatReader(visit.open(path));
        reader.question().waitFor();
        return reader;
    }

    Page page() {
        return page;
    }

    Locator question() {
        return page.locator("#question");
    }

    /** Writes a question and sends it by the keyboard. */
    ChatReader ask(String question) {
        question().fill(question);
        question().press("Enter");
        return this;
    }

    /** Asks, and waits for the whole answer. */
    ChatReader askAndRead(String question) {
        int before = answers().count();
        ask(question);
        assertThat(answers()).hasCount(before + 1, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MILLIS));
        return awaitAnswer();
    }

    /** Waits until no answer is being made. */
    ChatReader awaitAnswer() {
        assertThat(page.locator(".message.assistant[aria-busy=true]")).hasCount(0,
                new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MILLIS));
        return this;
    }

    /** The texts of all answers that are seen. */
    Locator answers() {
        return page.locator("chat-markdown");
    }

    Locator lastAnswer() {
        return answers().last();
    }

    /** Waits until the newest answer holds this. */
    ChatReader awaitText(String text) {
        assertThat(lastAnswer()).containsText(text,
                new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENCE_MILLIS));
        return this;
    }

    Locator button(String name) {
        return page.getByRole(AriaRole.BUTTON,
                new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    ChatReader click(String name) {
        button(name).last().click();
        return this;
    }

    /** Chooses an entry of the conversation's menu. */
    ChatReader fromMenu(String name) {
        page.locator(".menu summary").click();
        return click(name);
    }

    /** The titles in the list on the left. */
    Locator conversations() {
        return page.locator(".entry-title");
    }

    ChatReader attach(Path... files) {
        page.locator("#file").setInputFiles(files);
        return this;
    }

    /** Saves everything by a button of the dialogue on where things are kept. */
    Path save(String button, Path folder) {
        page.locator(".list-foot button").click();
        Download download = page.waitForDownload(() -> click(button));
        Path file = folder.resolve(download.suggestedFilename());
        download.saveAs(file);
        click("Close");
        return file;
    }

    /** Loads a file by the dialogue on where things are kept, and gives what the page says to it. */
    String load(Path file) {
        page.locator(".list-foot button").click();
        page.locator("#import").setInputFiles(file);
        String said = page.locator("dialog [role=status]").textContent();
        click("Close");
        return said;
    }

    /** What this browser keeps for the server's pages, in each of its storages. */
    @SuppressWarnings("unchecked")
    List<String> stored() {
        return (List<String>) page
                .evaluate("""
                          async () => [
                            ...(await indexedDB.databases()).map(each => 'database ' + each.name),
                            ...Object.keys(localStorage).map(each => 'local ' + each),
                            ...Object.keys(sessionStorage).map(each => 'session ' + each),
                            ...(window.caches ? await caches.keys() : []).map(each => 'cache ' + each),
                            ...document.cookie.split(';').filter(Boolean).map(each => 'cookie ' + each),
                            ...(await navigator.serviceWorker?.getRegistrations() ?? []).map(() => 'worker'),
                          ]""");
    }
}
