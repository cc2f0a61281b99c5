package org.barnraiser.testing.pages;

import com.microsoft.playwright.Locator;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a model writes can run nothing, load nothing and send nothing. A breach of the policy or a request to another place fails each
 * of these tests by itself, as {@link Visit} watches for them.
 */
@ExtendWith(OneChromium.class)
class ChatSecurityTest {
    private static final String HOSTILE = """
                                          <img src=x onerror="window.ran = 1"> <script>window.ran = 2</script>
                                          <svg onload="window.ran = 3"><a xlink:href="javascript:window.ran=4">x</a></svg>

                                          [click](javascript:window.ran=5) [data](data:text/html,<script>window.ran=6</script>)
                                          [page](https://example.org/page "title") <javascript:window.ran=7>

                                          ![picture](https://example.org/picture.png) ![inline](data:image/png;base64,AAAA)

                                          <form action="https://example.org"><input name=a><button>Send</button></form>
                                          <iframe src="https://example.org"></iframe><style>* { display: none }</style>
                                          <div style="background:url(https://example.org/x)" class="hljs note">div</div>
                                          <meta http-equiv="refresh" content="0;url=https://example.org"><base href="https://example.org">

                                          ```html" onclick="window.ran=8
                                          </code></pre><img src=x onerror="window.ran = 9">
                                          ```

                                          $\\href{javascript:window.ran=10}{x}$ $\\includegraphics{https://example.org/y.png}$
                                          $\\htmlStyle{background:url(https://example.org/z)}{y}$ $\\def\\a{\\a\\a}\\a$

                                          - [ ] <img src=x onerror=window.ran=11> <a href="javas&#99;ript:window.ran=12">entity</a>

                                          | a |
                                          |---|
                                          | <math><mtext><table><mglyph><style><img src=x onerror=window.ran=13>|

                                          <noscript><p title="</noscript><img src=x onerror=window.ran=14>">
                                          <template><script>window.ran=15</script></template> done
                                          """;

    private static Chromium chromium;

    @AutoClose
    private static ScriptedServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start(Chromium one) {
        chromium = one;
        server = new ScriptedServer((prompt, voice) -> voice.say(HOSTILE));
    }

    @Test
    void nothing_that_a_model_writes_runs_loads_or_sends() {
        server.follow((prompt, voice) -> voice.say(HOSTILE));
        try (Visit visit = Visit.of(chromium, server.url())) {
            assertHarmless(ChatReader.at(visit, "/").askAndRead("Attack me"));
        }
    }

    @Test
    void nor_does_half_of_it_while_it_streams() {
        server.follow((prompt, voice) -> voice.say(HOSTILE, 3, 300));
        try (Visit visit = Visit.of(chromium, server.url())) {
            assertHarmless(ChatReader.at(visit, "/").askAndRead("Attack me slowly"));
        }
    }

    @Test
    void nor_what_a_reader_writes_attaches_or_loads() throws Exception {
        server.follow((prompt, voice) -> voice.say("Fine."));
        String bad = "<img src=x onerror=window.ran=20>";
        Path file = Files.writeString(folder.resolve("<img src=x onerror=window.ran=21>.txt"), bad);
        Path export = Files.writeString(folder.resolve("export.json"),
                """
                {"format": "barnraiser-conversations", "version": 1, "conversations": [{"conversation": {"id": "c\\"><img src=x onerror=window.ran=22>",
                 "title": "BAD", "leaf": "b"}, "messages": [
                 {"id": "a", "parent": null, "role": "user", "text": "BAD", "createdAt": 1, "attachments": [{"name": "BAD", "text": "BAD"}]},
                 {"id": "b", "parent": "a", "role": "assistant", "text": "BAD", "createdAt": 2, "model": "BAD", "fingerprint": "BAD",
                  "finish": "error", "error": {"reason": "BAD", "message": "BAD"}, "places": [{"stages": [{"worker": "BAD", "host": "BAD", "first": 0, "last": 4}]}]}]}]}"""
                        .replace("BAD", bad));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").attach(file);
            assertThat(reader.page().locator(".chip")).containsText("tokens");
            assertHarmless(reader.askAndRead(bad));
            assertThat(reader.load(export)).isEqualTo("Loaded conversations: 1.");
            reader.conversations().first().click();
            assertThat(reader.page().locator(".facts")).containsText(bad);
            reader.click("Show where this ran");
            assertHarmless(reader);
        }
    }

    @Test
    void a_link_opens_apart_and_a_picture_is_only_a_link() {
        server.follow((prompt, voice) -> voice.say(HOSTILE));
        try (Visit visit = Visit.of(chromium, server.url())) {
            ChatReader reader = ChatReader.at(visit, "/").askAndRead("Links");
            Locator links = reader.lastAnswer().locator("a[href]");
            assertThat(links).hasText(new String[]{"page", "picture"});
            for (Locator link : links.all()) {
                assertThat(link).hasAttribute("rel", "noopener noreferrer");
                assertThat(link).hasAttribute("target", "_blank");
            }
        }
    }

    private static void assertHarmless(ChatReader reader) {
        Locator answer = reader.page().locator("chat-markdown");
        // Long enough for an event handler or a request to have come.
        reader.page().evaluate("() => new Promise(done => requestIdleCallback(() => setTimeout(done, 200)))");
        assertThat(reader.page().evaluate("() => window.ran")).as("what ran").isNull();
        assertThat(answer.locator(
                "img, script, svg, form, button:not(.plain), iframe, style, meta, base, object, embed, template, input:not([type=checkbox])"))
                .hasCount(0);
        assertThat(reader.page().locator("main [style*=url], main [onclick], main [onerror], main [onload]"))
                .hasCount(0);
    }
}
