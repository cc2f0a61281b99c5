package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** What Anthropic's clients see. */
class MessagesTest {
    private static final String MESSAGES = "/v1/messages";
    private static final String COUNT = "/v1/messages/count_tokens";
    private static final String USER = "'max_tokens':50,'messages':[{'role':'user','content':'Hi'}]";
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_whole_answer_has_anthropics_form() {
        HttpResponse<String> response = server.post(MESSAGES, "{" + USER + "}");

        JsonNode body = json(response);
        assertThat(response.headers().firstValue("X-Barnraiser-Model")).contains("sha256:" + ScriptedModel.DIGEST);
        assertThat(body.path("id").asText()).startsWith("msg_");
        assertThat(body.path("type").asText()).isEqualTo("message");
        assertThat(body.path("role").asText()).isEqualTo("assistant");
        assertThat(body.path("model").asText()).isEqualTo(ScriptedModel.NAME);
        assertThat(body.path("content").toString()).isEqualTo("[{\"type\":\"text\",\"text\":\"Hello\"}]");
        assertThat(body.path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(body.path("stop_sequence").isNull()).isTrue();
        assertThat(body.path("usage").path("input_tokens").asInt()).isPositive();
        assertThat(body.path("usage").path("output_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void what_was_remembered_is_counted_apart() {
        server.model.script = speaker -> {
            speaker.remember(7).say("x");
            return new GenerationEnd.Length();
        };

        JsonNode body = json(server.post(MESSAGES, "{" + USER + "}"));

        int all = json(server.post(COUNT, "{" + USER + "}")).path("input_tokens").asInt();
        assertThat(body.path("usage").path("cache_read_input_tokens").asInt()).isEqualTo(7);
        assertThat(body.path("usage").path("input_tokens").asInt()).isEqualTo(all - 7);
        assertThat(body.path("stop_reason").asText()).isEqualTo("max_tokens");
    }

    @Test
    void the_stop_sequence_that_came_is_told() {
        server.model.script = speaker -> {
            speaker.say("one, two, three");
            return new GenerationEnd.EndOfGeneration();
        };
        String body = "{" + USER + ",'stop_sequences':['four',', two']";

        JsonNode whole = json(server.post(MESSAGES, body + "}"));
        JsonNode end = json(events(server.post(MESSAGES, body + ",'stream':true}")).reversed().get(1)).path("delta");

        assertThat(whole.path("content").path(0).path("text").asText()).isEqualTo("one");
        for (JsonNode said : List.of(whole, end)) {
            assertThat(said.path("stop_reason").asText()).isEqualTo("stop_sequence");
            assertThat(said.path("stop_sequence").asText()).isEqualTo(", two");
        }
    }

    @Test
    void a_stream_has_anthropics_events() {
        HttpResponse<String> response = server.post(MESSAGES, "{" + USER + ",'stream':true}");

        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        assertThat(names(response)).containsExactly("message_start", "content_block_start", "content_block_delta",
                "content_block_delta", "content_block_stop", "message_delta", "message_stop");
        List<JsonNode> events = events(response).stream().map(ApiTestServer::json).toList();
        assertThat(events).extracting(event -> event.path("type").asText()).isEqualTo(names(response));
        JsonNode message = events.getFirst().path("message");
        assertThat(message.path("id").asText()).startsWith("msg_");
        assertThat(message.path("content")).isEmpty();
        assertThat(message.path("usage").path("input_tokens").asInt()).isPositive();
        assertThat(text(events)).isEqualTo("Hello");
        assertThat(events.get(5).path("delta").path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(events.get(5).path("usage").path("output_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void a_stream_pings_while_nothing_comes_and_says_why_it_is_paused() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        server.model.script = speaker -> {
            speaker.say("a").pause("Worker w2 is gone.");
            go.await();
            speaker.resume();
            return new GenerationEnd.EndOfGeneration();
        };
        try (var socket = server.rawPost(MESSAGES, "{" + USER + ",'stream':true}");
                var lines = lines(socket)) {
            String paused = awaitLine(lines, ": paused");
            assertThat(paused).isEqualTo(": paused: Worker w2 is gone.");
            go.countDown();
            assertThat(awaitLine(lines, "event: message_stop")).isNotEmpty();
        }
    }

    @Test
    void an_idle_stream_pings() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        server.model.script = speaker -> {
            go.await();
            return new GenerationEnd.EndOfGeneration();
        };
        try (var socket = server.rawPost(MESSAGES, "{" + USER + ",'stream':true}");
                var lines = lines(socket)) {
            assertThat(awaitLine(lines, "event: ping")).isNotEmpty();
            go.countDown();
            assertThat(awaitLine(lines, "event: message_stop")).isNotEmpty();
        }
    }

    @Test
    void a_stream_that_breaks_ends_with_anthropics_error() {
        server.model.script = speaker -> {
            speaker.say("a");
            return new GenerationEnd.Failed("The worker burned down.", false);
        };

        HttpResponse<String> response = server.post(MESSAGES, "{" + USER + ",'stream':true}");

        assertThat(names(response)).endsWith("error").doesNotContain("message_stop");
        JsonNode error = json(events(response).getLast());
        assertThat(error.path("type").asText()).isEqualTo("error");
        assertThat(error.path("error").path("type").asText()).isEqualTo("api_error");
        assertThat(error.path("error").path("message").asText()).contains("burned down");
    }

    @Test
    void the_system_and_turns_of_blocks_reach_the_template() {
        var _ = server.post(MESSAGES,
                """
                {'max_tokens':5,'system':[{'type':'text','text':'Be kind.','cache_control':{'type':'ephemeral'}},
                 {'type':'text','text':'Be brief.'}],
                 'messages':[{'role':'user','content':[{'type':'text','text':'One'},{'type':'text','text':'Two'}]},
                 {'role':'user','content':'Three'},
                 {'role':'assistant','content':[{'type':'thinking','thinking':'hm','signature':'s'},
                  {'type':'redacted_thinking','data':'zz'},{'type':'text','text':'Four'}]},
                 {'role':'user','content':[{'type':'document','title':'T','source':{'type':'text','media_type':'text/plain',
                  'data':'Five'}}]}]}""");

        assertThat(prompt()).isEqualTo("""
                                       <|im_start|>system
                                       Be kind.
                                       Be brief.<|im_end|>
                                       <|im_start|>user
                                       One
                                       Two
                                       Three<|im_end|>
                                       <|im_start|>assistant
                                       Four<|im_end|>
                                       <|im_start|>user
                                       T
                                       Five<|im_end|>
                                       <|im_start|>assistant
                                       """);
    }

    @Test
    void a_last_turn_of_the_assistant_is_gone_on_with() {
        var _ = server.post(MESSAGES, """
                                      {'max_tokens':5,'messages':[{'role':'user','content':'Say A and B.'},
                                       {'role':'assistant','content':'A and'}]}""");

        assertThat(prompt()).endsWith("<|im_start|>assistant\nA and");
    }

    @Test
    void results_of_tools_come_before_what_the_user_says_to_them() {
        HttpResponse<String> response = server.post(MESSAGES,
                """
                {'max_tokens':5,'messages':[{'role':'user','content':'W?'},
                 {'role':'assistant','content':[{'type':'tool_use','id':'t1','name':'w','input':{}}]},
                 {'role':'user','content':[{'type':'tool_result','tool_use_id':'t1','content':[{'type':'text','text':'rain'}]},
                  {'type':'tool_result','tool_use_id':'t2','is_error':true,'content':'no'},
                  {'type':'text','text':'So?'}]}]}""");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(prompt()).containsSubsequence("tool\nrain<", "tool\nError: no<", "user\nSo?<");
    }

    /** The ChatML of a model without a template has no place for calls. */
    @Test
    void calls_are_text_for_a_template_that_knows_none() {
        var _ = server.post(MESSAGES,
                """
                {'max_tokens':5,'messages':[{'role':'user','content':'Weather?'},
                 {'role':'assistant','content':[{'type':'text','text':'Look.'},
                  {'type':'tool_use','id':'t1','name':'weather','input':{'city':'Ulm'}}]},
                 {'role':'user','content':[{'type':'tool_result','tool_use_id':'t1','content':'rain'}]}]}""");

        assertThat(prompt()).contains(
                "assistant\nLook.\n{\"name\": \"weather\", \"arguments\": {\"city\":\"Ulm\"}}<|im_end|>");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                                                                  {'messages':[]}                                                                        | messages
                                                                  {'messages':[7]}                                                                       | messages[0]
                                                                  {'messages':[{'role':'judge','content':'x'}]}                                          | messages[0].role
                                                                  {'messages':[{'role':'user'}]}                                                         | messages[0].content
                                                                  {'messages':[{'role':'user','content':[{'type':'image'}]}]}                            | messages[0].content[0].type
                                                                  {'messages':[{'role':'user','content':[{'type':'tool_result'}]}]}                      | messages[0].content[0].tool_use_id
                                                                  {'messages':[{'role':'user','content':[{'type':'document','source':{'type':'url'}}]}]} | messages[0].content[0].source.type
                                                                  {'system':5,U}                                                                         | system
                                                                  {'system':[{'type':'image'}],U}                                                        | system[0].type
                                                                  {'stop_sequences':[''],U}                                                              | stop_sequences
                                                                  {'stop_sequences':'x','max_tokens':0,U}                                                | max_tokens
                                                                  {'temperature':3,U}                                                                    | temperature
                                                                  {'container':'c',U}                                                                    | container
                                                                  {'mcp_servers':[],U}                                                                   | mcp_servers
                                                                  {'context_management':{},U}                                                            | context_management
                                                                  {'thinking':{'type':'sometimes'},U}                                                    | thinking.type
                                                                  {'output_config':{'format':{'type':'xml'}},U}                                          | output_config.format.type
                                                                  {'tools':[{'type':'web_search_20250305','name':'web_search'}],U}                       | tools[0].type
                                                                  {'tools':[{'name':'f'}],U}                                                             | tools[0].input_schema
                                                                  {'tool_choice':{'type':'maybe'},U}                                                     | tool_choice.type
                                                                  """)
    void what_cannot_be_done_is_refused_by_name(String body, String field) {
        for (String path : List.of(MESSAGES, COUNT)) {
            HttpResponse<String> response = server.post(path,
                    body.replace(",U", ",'messages':[{'role':'user','content':'x'}]"));

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(json(response).path("type").asText()).isEqualTo("error");
            assertThat(json(response).path("error").path("type").asText()).isEqualTo("invalid_request_error");
            assertThat(json(response).path("error").path("message").asText()).startsWith("'" + field + "'");
        }
    }

    @Test
    void errors_have_anthropics_types() {
        assertThat(errorType(server.post(MESSAGES, "{'model':'other'," + USER + "}"))).isEqualTo("not_found_error");
        assertThat(errorType(server.post("/v1/messages/batches", "{}"))).isEqualTo("not_found_error");
        assertThat(errorType(server.get(MESSAGES))).isEqualTo("invalid_request_error");
        assertThat(errorType(server.post(MESSAGES, "{'x':'" + "x".repeat(70_000) + "'}")))
                .isEqualTo("request_too_large");
        HttpRequest fromElsewhere = HttpRequest.newBuilder(server.uri(MESSAGES)).header("X-Forwarded-For", "10.0.0.7")
                .POST(HttpRequest.BodyPublishers.ofString("{}")).build();
        assertThat(errorType(server.send(fromElsewhere))).isEqualTo("permission_error");
        server.model.readiness = new Readiness.NotReady("No machines.", 3, false);
        HttpResponse<String> away = server.post(MESSAGES, "{" + USER + "}");
        assertThat(errorType(away)).isEqualTo("overloaded_error");
        assertThat(away.headers().firstValue("Retry-After")).contains("3");
    }

    @Test
    void tokens_are_counted_as_the_template_writes_the_request() {
        JsonNode counted = json(server.post(COUNT, "{'system':'Be kind.'," + USER + "}"));

        assertThat(counted.path("input_tokens").asInt()).isEqualTo(
                "S>system\nBe kind.E>\nS>user\nHiE>\nS>assistant\n".replace("S>", "<|im_start|>").replace("E>", "E")
                        .length());
        assertThat(server.model.started).isEmpty();
    }

    private static BufferedReader lines(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static String awaitLine(BufferedReader lines, String start) {
        return lines.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    private static String errorType(HttpResponse<String> response) {
        return json(response).path("error").path("type").asText();
    }

    private static List<String> names(HttpResponse<String> response) {
        return response.body().lines().filter(line -> line.startsWith("event: ")).map(line -> line.substring(7))
                .toList();
    }

    private static String text(List<JsonNode> events) {
        return events.stream().map(event -> event.path("delta").path("text").asText("")).collect(Collectors.joining());
    }

    private String prompt() {
        return server.model.tokenized.getLast().stream().map(TextPart::text).collect(Collectors.joining());
    }
}
