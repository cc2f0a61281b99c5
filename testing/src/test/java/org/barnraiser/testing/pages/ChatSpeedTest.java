package org.barnraiser.testing.pages;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The page stays quick. Other programs can make any run slow, so the best of a few runs counts, and a machine that is busy with other
 * things is no judge. The limits that readers are promised hold with {@code -Dbarnraiser.strict-times=true}, on a machine that is known;
 * without it they are wide enough for any, and the answers come faster, so that only what grows with the answer's length fails.
 */
class ChatSpeedTest {
    private static final boolean STRICT = Boolean.getBoolean("barnraiser.strict-times");
    private static final int RUNS = 4;
    private static final int TOKENS = 2_000;
    private static final int TOKENS_PER_SECOND = STRICT ? 100 : 400;
    private static final int LONGEST_TASK_MILLIS = STRICT ? 100 : 600;
    private static final int CONVERSATIONS = 500;
    private static final int MESSAGES_EACH = 20;
    private static final int OPENED_WITHIN_MILLIS = STRICT ? 1_000 : 6_000;
    private static final double BUSY_PER_PROCESSOR = 2;
    private static final String MIXED = """
                                        ## A heading

                                        A paragraph with **bold** words, `code`, and a [link](https://example.org), long enough to wrap around.

                                        - an entry of a list with *some* emphasis
                                        - another entry

                                        | a | b |
                                        |---|---|
                                        | 1 | 2 |

                                        ```java
                                        int answer = 6 * 7; // as everybody knows
                                        ```

                                        """;

    private static Chromium chromium;
    private static ScriptedServer server;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000);
        chromium = Chromium.start();
        server = new ScriptedServer((prompt, voice) -> voice.say("Hello."));
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

    @Test
    void a_long_answer_of_many_blocks_streams_without_holding_up_the_page() {
        assertStreamsSmoothly(MIXED.repeat(2 * TOKENS * 4 / MIXED.length()).substring(0, TOKENS * 4));
    }

    @Test
    void nor_does_one_block_that_never_ends() {
        assertStreamsSmoothly("```java\n" + "int answer = 6 * 7; // as everybody knows\n".repeat(TOKENS * 4 / 42));
        assertStreamsSmoothly("- an *entry* of a list that goes on and on\n".repeat(TOKENS * 4 / 43));
    }

    @Test
    void five_hundred_conversations_are_listed_within_a_second() throws IOException {
        Path export = Files.writeString(folder.resolve("many.json"), manyConversations());
        try (Visit visit = Visit.of(chromium, server.url())) {
            visit.context()
                    .addInitScript("""
                                   new MutationObserver((_, observer) => {
                                     if (document.querySelectorAll('.entry').length === %d) {
                                       window.listedAfterMillis = performance.now();
                                       observer.disconnect();
                                     }
                                   }).observe(document, {childList: true, subtree: true})""".formatted(CONVERSATIONS));
            ChatReader reader = ChatReader.at(visit, "/");
            assertThat(reader.load(export)).isEqualTo("Loaded conversations: " + CONVERSATIONS + ".");
            double quickest = quickest(OPENED_WITHIN_MILLIS, () -> {
                reader.page().navigate("about:blank");
                visit.open("/");
                return listedAfter(reader.page());
            });
            System.out.println(CONVERSATIONS + " conversations were listed after " + quickest + " ms");
            assertNotSlower(quickest, OPENED_WITHIN_MILLIS);
            reader.conversations().nth(CONVERSATIONS / 2).click();
            assertThat(reader.answers()).hasCount(MESSAGES_EACH / 2);
        }
    }

    private static void assertStreamsSmoothly(String answer) {
        server.follow((prompt, voice) -> voice.say(answer, 4, TOKENS_PER_SECOND));
        double longest = quickest(LONGEST_TASK_MILLIS, () -> {
            try (Visit visit = Visit.of(chromium, server.url())) {
                ChatReader reader = ChatReader.at(visit, "/");
                reader.page().evaluate(
                        """
                        () => {
                          window.tasks = [0];
                          new PerformanceObserver(list => tasks.push(...list.getEntries().map(e => e.duration)))
                            .observe({type: 'longtask'});
                        }""");
                reader.askAndRead("Tell me much");
                return ((Number) reader.page().evaluate("() => Math.max(...tasks)")).doubleValue();
            }
        });
        System.out
                .println("The longest task while " + answer.length() + " characters streamed took " + longest + " ms");
        assertNotSlower(longest, LONGEST_TASK_MILLIS);
    }

    private static void assertNotSlower(double millis, double limitMillis) {
        OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        double busy = machine.getSystemLoadAverage() / machine.getAvailableProcessors();
        if (millis > limitMillis && busy > BUSY_PER_PROCESSOR) {
            String reason = "The page's speed is not judged: " + busy + " programs want each processor.";
            System.out.println(reason);
            Assumptions.abort(reason);
        }
        assertThat(millis).isLessThanOrEqualTo(limitMillis);
    }

    private static double listedAfter(Page page) {
        return ((Number) page.waitForFunction("() => window.listedAfterMillis").jsonValue()).doubleValue();
    }

    private static double quickest(double goodEnough, Supplier<Double> run) {
        List<Double> results = new ArrayList<>();
        while (results.size() < RUNS && (results.isEmpty() || Collections.min(results) > goodEnough)) {
            results.add(run.get());
        }
        return Collections.min(results);
    }

    private static String manyConversations() {
        StringBuilder json = new StringBuilder(
                "{\"format\":\"barnraiser-conversations\",\"version\":1,\"conversations\":[");
        for (int c = 0; c < CONVERSATIONS; c++) {
            json.append(c == 0 ? "" : ",")
                    .append("""
                            {"conversation":{"id":"c%1$d","title":"Conversation %1$d","updatedAt":%2$d,"leaf":"c%1$dm%3$d"},"messages":["""
                            .formatted(c, 1_700_000_000_000L + c * 3_600_000L, MESSAGES_EACH - 1));
            for (int m = 0; m < MESSAGES_EACH; m++) {
                json.append(m == 0 ? "" : ",")
                        .append("""
                                {"id":"c%1$dm%2$d","parent":%3$s,"role":"%4$s","text":"%5$s","createdAt":%2$d}"""
                                .formatted(c, m, m == 0 ? "null" : "\"c" + c + "m" + (m - 1) + "\"",
                                        m % 2 == 0 ? "user" : "assistant", "Some words that were said. ".repeat(20)));
            }
            json.append("]}");
        }
        return json.append("]}").toString();
    }
}
