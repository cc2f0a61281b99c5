package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The pages as a browser fetches them. */
class PagesTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/cluster", "/fit", "/lend", "/questions"})
    void every_page_forbids_what_it_does_not_need(String path) {
        HttpResponse<String> page = server.get(path);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(header(page, "Content-Security-Policy")).startsWith("default-src 'none'; script-src 'self' 'sha256-")
                .contains("frame-ancestors 'none'").doesNotContain("unsafe");
        assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(header(page, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            de-AT, en;q=0.5 | de
                                            fr, de;q=0.8    | de
                                            fr              | en
                                            ;;;=nonsense    | en
                                            """)
    void the_language_is_the_one_that_the_browser_likes_best(String accepted, String language) {
        HttpResponse<String> page = server
                .send(HttpRequest.newBuilder(server.uri("/lend")).header("Accept-Language", accepted).build());
        assertThat(page.body()).contains("<html lang=\"" + language + "\"");
        assertThat(header(page, "Content-Language")).isEqualTo(language);
    }

    @Test
    void a_browser_that_has_a_file_is_not_sent_it_again() {
        String tag = header(server.get("/assets/shell/shell.css"), "ETag");
        HttpResponse<String> again = server.send(HttpRequest.newBuilder(server.uri("/assets/shell/shell.css"))
                .header("If-None-Match", tag).build());
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void files_are_compressed_for_browsers_that_can_unpack_them() {
        HttpResponse<String> small = server.send(HttpRequest.newBuilder(server.uri("/assets/shell/shell.css"))
                .header("Accept-Encoding", "gzip").build());
        assertThat(header(small, "Content-Encoding")).isEqualTo("gzip");
        assertThat(server.get("/assets/shell/shell.css").headers().firstValue("Content-Encoding")).isEmpty();
    }

    @Test
    void every_library_that_the_import_map_names_is_there_for_ever() {
        String page = server.get("/").body();
        JsonNode map = ApiTestServer.json(page.replaceAll("(?s).*<script type=\"importmap\">|</script>.*", ""));
        assertThat(map.path("imports").size()).isGreaterThan(5);
        for (JsonNode path : map.path("imports")) {
            HttpResponse<String> library = server.get(path.asText());
            assertThat(library.statusCode()).as(path.asText()).isEqualTo(200);
            assertThat(header(library, "Cache-Control")).contains("immutable");
            assertThat(header(library, "Content-Type")).startsWith("text/javascript");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/assets/../logback.xml", "/assets/shell/../../cli/barnraiser-demo.gguf",
            "/assets/%2e%2e/logback.xml", "/assets/shell/WebSite.class", "/assets/shell/nothing.js",
            "/lib/marked/17.0.1/package.json", "/lib/../logback.xml"})
    void nothing_else_of_the_program_can_be_fetched(String path) {
        assertThat(server.get(path).statusCode()).isIn(400, 404);
    }

    @Test
    void watchers_hear_the_clusters_state_at_once() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> stream = client.send(
                    HttpRequest.newBuilder(server.uri("/api/cluster/stream")).build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream");
            try (BufferedReader lines = new BufferedReader(
                    new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                assertThat(line).startsWith("data: ");
                assertThat(ApiTestServer.json(line.substring(6)).path("plan").path("epoch").asLong()).isEqualTo(3);
            }
        }
    }

    @Test
    void a_plan_for_a_model_of_known_size_says_who_holds_what() {
        JsonNode plan = ApiTestServer
                .json(server.post("/api/plan", """
                                               {'model': {'billions': 8, 'bits': 4.8, 'layers': 32,
                                                 'contextTokens': 4096, 'slots': 1},
                                                'machines': [{'name': 'attic', 'memoryBytes': 4000000000},
                                                  {'name': 'hall', 'memoryBytes': 4000000000}]}"""));
        assertThat(plan.path("fits").asBoolean()).isTrue();
        assertThat(plan.path("stages")).hasSize(2);
        assertThat(plan.path("stages").path(0).path("machine").asText()).isIn("attic", "hall");
        assertThat(plan.has("tokensPerSecond")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            {'model': 'loaded', 'machines': 'cluster'}                                         | No model is loaded here.
                                            {'model': {'billions': -1}, 'machines': 'cluster'}                                 | 'billions' must be a number
                                            {'model': {'billions': 8, 'bits': 4, 'layers': 1e9}, 'machines': 'cluster'}        | 'layers' must be a whole number
                                            {'machines': 'cluster'}                                                            | 'model' must be
                                            []                                                                                 | 'model' must be
                                            {'model':                                                                          | not valid JSON
                                            """, quoteCharacter = '~')
    void a_question_that_makes_no_sense_is_answered_with_one_sentence(String body, String sentence) {
        HttpResponse<String> refused = server.post("/api/plan", body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(ApiTestServer.json(refused).path("error").path("message").asText()).contains(sentence);
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
