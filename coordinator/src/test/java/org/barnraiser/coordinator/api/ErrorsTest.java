package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

class ErrorsTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            temperature           | -0.1
                                            temperature           | 2.5
                                            temperature           | 1e999
                                            temperature           | 'hot'
                                            top_p                 | 1.5
                                            min_p                 | -1
                                            typical_p             | 2
                                            top_k                 | 1.5
                                            top_k                 | -2
                                            seed                  | 1.5
                                            seed                  | 99999999999999999999
                                            n                     | 0
                                            n                     | 17
                                            max_tokens            | 0
                                            max_tokens            | 'many'
                                            max_completion_tokens | -1
                                            logprobs              | 21
                                            stop                  | ''
                                            stop                  | 7
                                            stop                  | [1]
                                            stop                  | ['1','2','3','4','5','6','7','8','9','10','11','12','13','14','15','16','17']
                                            presence_penalty      | 3
                                            frequency_penalty     | -3
                                            repeat_penalty        | -1
                                            repeat_last_n         | -2
                                            logit_bias            | []
                                            logit_bias            | {'999':1}
                                            logit_bias            | {'x':1}
                                            logit_bias            | {'1':1000}
                                            xtc_probability       | 2
                                            dry_multiplier        | -1
                                            dry_sequence_breakers | ['']
                                            mirostat              | 3
                                            stream                | 'yes'
                                            ignore_eos            | 1
                                            echo                  | 'yes'
                                            suffix                | 'end'
                                            best_of               | 17
                                            prompt                | ['a',1]
                                            grammar               | 5
                                            response_format.type  | X
                                            """)
    void a_field_of_a_wrong_type_or_range_is_refused_by_name(String field, String value) {
        String name = field.replace(".type", "");
        String wrong = field.equals("response_format.type") ? "{'type':'xml'}" : value;
        String prompt = name.equals("prompt") ? "" : "'prompt':'x',";

        HttpResponse<String> response = server.send(HttpRequest.newBuilder(server.uri(COMPLETIONS))
                .POST(HttpRequest.BodyPublishers
                        .ofString(("{" + prompt + "'" + name + "':" + quoted(wrong) + "}").replace('\'', '"')))
                .build());

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = json(response).path("error");
        assertThat(error.path("param").asText()).isEqualTo(field);
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("message").asText()).contains(field);
        assertThat(error.has("code")).isTrue();
    }

    /** The CSV reader takes quotes around a whole value away. */
    private static String quoted(String value) {
        return value.equals("hot") || value.equals("many") || value.equals("yes") || value.equals("end")
                || value.isEmpty() ? "'" + value + "'" : value;
    }

    @Test
    void unknown_fields_are_ignored() {
        assertThat(
                server.post(COMPLETIONS, "{'prompt':'x','cache_prompt':true,'user':'me','metadata':{}}").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "7", "{'prompt':secret}", "{'prompt':'x'} {}"})
    void a_body_that_is_not_one_json_object_is_refused_without_quoting_it(String body) {
        HttpResponse<String> response = server.post(COMPLETIONS, body);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("error").path("message").asText()).contains("JSON").doesNotContain("secret");
    }

    @Test
    void deep_nesting_is_refused() {
        assertThat(server.post(COMPLETIONS, "{'prompt':" + "[".repeat(5_000) + "]".repeat(5_000) + "}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void a_body_that_is_too_large_is_refused_whether_its_length_is_announced_or_not() {
        String large = "{\"prompt\":\"" + "x".repeat(70_000) + "\"}";

        assertThat(server.post(COMPLETIONS, large).statusCode()).isEqualTo(413);
        HttpResponse<String> chunked = server.send(HttpRequest.newBuilder(server.uri(COMPLETIONS))
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(large.getBytes(
                        StandardCharsets.UTF_8))))
                .build());
        assertThat(chunked.statusCode()).isEqualTo(413);
        assertThat(json(chunked).path("error").path("code").asText()).isEqualTo("body_too_large");
    }

    @ParameterizedTest
    @CsvSource({COMPLETIONS + ",413", "/v1/nowhere,404", "/v1/models,405"})
    void whoever_first_sends_everything_and_then_reads_still_reads_why_it_was_refused(String path, int status)
            throws IOException {
        try (Socket socket = server.rawPost(path, "x".repeat(32 << 20))) {
            socket.shutdownOutput();

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void an_unknown_model_is_not_found_and_the_hosted_one_named() {
        HttpResponse<String> response = server.post(CHAT,
                "{'model':'gpt-9','messages':[{'role':'user','content':'x'}]}");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).path("error").path("code").asText()).isEqualTo("model_not_found");
        assertThat(json(response).path("error").path("message").asText()).contains("gpt-9").contains("barn-model");
        assertThat(server.get("/v1/models/gpt-9").statusCode()).isEqualTo(404);
    }

    @Test
    void unknown_paths_and_wrong_methods_are_told_apart() {
        HttpResponse<String> nowhere = server.get("/v1/nowhere");
        HttpResponse<String> wrongMethod = server.get(COMPLETIONS);

        assertThat(nowhere.statusCode()).isEqualTo(404);
        assertThat(json(nowhere).path("error").path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(wrongMethod.statusCode()).isEqualTo(405);
        assertThat(json(wrongMethod).path("error").path("code").asText()).isEqualTo("method_not_allowed");
        assertThat(wrongMethod.headers().firstValue("Allow")).hasValueSatisfying(
                allow -> assertThat(allow).contains("POST"));
    }

    @Test
    void a_prompt_that_leaves_no_room_is_refused_with_both_numbers() {
        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'" + "x".repeat(200) + "'}");

        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode error = json(response).path("error");
        assertThat(error.path("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(error.path("message").asText()).contains("200 tokens").contains("holds 200");
        assertThat(server.post(COMPLETIONS, "{'prompt':'" + "x".repeat(199) + "'}").statusCode()).isEqualTo(200);
    }

    @Test
    void a_model_that_is_not_ready_says_why_and_when_to_come_back() {
        server.model.readiness = new Readiness.NotReady("Layers 4 to 8 have no worker.", 7);

        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x','stream':true}");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("7");
        assertThat(json(response).path("error").path("message").asText()).isEqualTo("Layers 4 to 8 have no worker.");
    }

    @Test
    void a_full_queue_asks_to_come_back_later() {
        server.model.refusal = Optional.of(ModelUnavailableException.queueFull("64 requests wait already.", 3));

        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x'}");

        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).hasValue("3");
        assertThat(json(response).path("error").path("code").asText()).isEqualTo("queue_full");
        assertThat(server.get("/metrics").body()).contains("barnraiser_sequences_running 0.0");
    }

    @Test
    void a_failure_in_the_middle_of_a_stream_is_an_error_event_and_the_end() {
        server.model.script = speaker -> {
            speaker.say("half");
            return new GenerationEnd.Failed("Worker w2 was lost.", true);
        };

        List<String> events = events(server.post(CHAT, "{'messages':[{'role':'user','content':'x'}],'stream':true}"));

        assertThat(json(events.getLast()).path("error").path("message").asText()).isEqualTo("Worker w2 was lost.");
        assertThat(events).noneMatch(event -> event.contains("\"finish_reason\":\"") || event.equals("[DONE]"));
        assertThat(server.get("/metrics").body())
                .contains("barnraiser_requests_total{path=\"/v1/chat/completions\",status=\"503\",} 1.0");
    }

    @Test
    void a_failure_before_a_whole_answer_is_a_status() {
        server.model.script = _ -> new GenerationEnd.Failed("Worker w2 was lost.", true);
        assertThat(server.post(COMPLETIONS, "{'prompt':'x'}").statusCode()).isEqualTo(503);

        server.model.script = _ -> new GenerationEnd.Failed("The grammar has no root.", false);
        assertThat(server.post(COMPLETIONS, "{'prompt':'x'}").statusCode()).isEqualTo(500);
    }

    @Test
    void one_failed_choice_ends_all() {
        server.model.script = speaker -> {
            if (speaker.index == 1) {
                return new GenerationEnd.Failed("Worker w2 was lost.", true);
            }
            speaker.cancelled.await();
            return new GenerationEnd.Cancelled();
        };

        assertThat(server.post(COMPLETIONS, "{'prompt':'x','n':2}").statusCode()).isEqualTo(503);
        assertThat(server.model.started.getFirst().isCancelled()).isTrue();
    }

    @Test
    void a_mistake_inside_is_reported_without_any_text() {
        server.model.brokenTokenizer.set(true);

        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x'}");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(json(response).path("error").path("code").asText()).isEqualTo("internal_error");
        assertThat(response.body()).doesNotContain("secret");
    }

    @Test
    void closing_ends_running_streams_with_an_error() {
        server.model.script = speaker -> {
            speaker.say("half");
            Thread.startVirtualThread(server.server::close);
            speaker.cancelled.await();
            return new GenerationEnd.Cancelled();
        };

        List<String> events = events(server.post(COMPLETIONS, "{'prompt':'x','stream':true}"));

        assertThat(json(events.getLast()).path("error").path("code").asText()).isEqualTo("shutting_down");
    }
}
