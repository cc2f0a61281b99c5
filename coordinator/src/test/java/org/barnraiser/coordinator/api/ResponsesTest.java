package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.TextPart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** What clients of OpenAI's responses see. */
class ResponsesTest {
    private static final String RESPONSES = "/v1/responses";
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_whole_response_has_openais_form() {
        JsonNode body = json(server.post(RESPONSES, "{'input':'Hi','metadata':{'a':'b'},'max_output_tokens':9}"));

        assertThat(body.path("id").asText()).startsWith("resp_");
        assertThat(body.path("object").asText()).isEqualTo("response");
        assertThat(body.path("status").asText()).isEqualTo("completed");
        assertThat(body.path("model").asText()).isEqualTo(ScriptedModel.NAME);
        assertThat(body.path("store").asBoolean(true)).isFalse();
        assertThat(body.path("error").isNull()).isTrue();
        assertThat(body.path("metadata").path("a").asText()).isEqualTo("b");
        assertThat(body.path("max_output_tokens").asInt()).isEqualTo(9);
        assertThat(body.path("tool_choice").asText()).isEqualTo("auto");
        assertThat(body.path("output")).hasSize(1);
        JsonNode item = body.path("output").path(0);
        assertThat(item.path("type").asText()).isEqualTo("message");
        assertThat(item.path("status").asText()).isEqualTo("completed");
        assertThat(item.path("content").path(0).path("type").asText()).isEqualTo("output_text");
        assertThat(item.path("content").path(0).path("text").asText()).isEqualTo("Hello");
        assertThat(item.path("content").path(0).path("annotations").isArray()).isTrue();
        assertThat(body.path("usage").path("output_tokens").asInt()).isEqualTo(2);
        assertThat(body.path("usage").path("total_tokens").asInt())
                .isEqualTo(body.path("usage").path("input_tokens").asInt() + 2);
    }

    @Test
    void an_answer_that_was_cut_short_is_incomplete() {
        server.model.script = speaker -> {
            speaker.say("x");
            return new GenerationEnd.Length();
        };

        JsonNode body = json(server.post(RESPONSES, "{'input':'Hi'}"));

        assertThat(body.path("status").asText()).isEqualTo("incomplete");
        assertThat(body.path("incomplete_details").path("reason").asText()).isEqualTo("max_output_tokens");
        assertThat(events(server.post(RESPONSES, "{'input':'Hi','stream':true}")).getLast())
                .contains("\"type\":\"response.incomplete\"");
    }

    @Test
    void a_stream_has_openais_events_in_order() {
        HttpResponse<String> response = server.post(RESPONSES, "{'input':'Hi','stream':true}");

        List<JsonNode> events = events(response).stream().map(ApiTestServer::json).toList();
        assertThat(types(events)).containsExactly("response.created", "response.in_progress",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta",
                "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.completed");
        assertThat(response.body().lines().filter(line -> line.startsWith("event: ")).map(line -> line.substring(7)))
                .isEqualTo(types(events));
        assertThat(events).extracting(event -> event.path("sequence_number").asInt())
                .isEqualTo(IntStream.range(0, 10).boxed().toList());
        assertThat(events.getFirst().path("response").path("status").asText()).isEqualTo("in_progress");
        JsonNode whole = events.getLast().path("response");
        assertThat(whole.path("output").path(0)).isEqualTo(events.get(8).path("item"));
        assertThat(whole.path("output").path(0).path("id")).isEqualTo(events.get(4).path("item_id"));
        assertThat(events.get(4).path("delta").asText() + events.get(5).path("delta").asText()).isEqualTo("Hello")
                .isEqualTo(events.get(6).path("text").asText());
        assertThat(whole.path("usage").path("output_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void log_probabilities_come_when_asked_for() {
        String body = "{'input':'Hi','include':['message.output_text.logprobs'],'top_logprobs':1";
        JsonNode whole = json(server.post(RESPONSES, body + "}"));

        JsonNode logprobs = whole.path("output").path(0).path("content").path(0).path("logprobs");
        assertThat(logprobs).hasSize(2);
        assertThat(logprobs.path(0).path("token").asText()).isEqualTo("Hel");
        assertThat(logprobs.path(0).path("top_logprobs")).hasSize(1);
        List<String> streamed = events(server.post(RESPONSES, body + ",'stream':true}"));
        assertThat(json(streamed.get(4)).path("logprobs").path(0)).isEqualTo(logprobs.path(0));
    }

    @Test
    void a_stream_that_breaks_ends_with_an_error() {
        server.model.script = speaker -> {
            speaker.say("a");
            return new GenerationEnd.Failed("The worker burned down.", false);
        };

        List<String> events = events(server.post(RESPONSES, "{'input':'Hi','stream':true}"));

        JsonNode last = json(events.getLast());
        assertThat(last.path("type").asText()).isEqualTo("error");
        assertThat(last.path("code").asText()).isEqualTo("generation_failed");
        assertThat(last.path("error").path("message").asText()).contains("burned down");
        assertThat(types(events.stream().map(ApiTestServer::json).toList())).doesNotContain("response.completed");
    }

    @Test
    void instructions_and_items_reach_the_template() {
        HttpResponse<String> response = server.post(RESPONSES,
                """
                {'instructions':'Be kind.','input':[{'role':'developer','content':'Be brief.'},
                 {'type':'message','role':'user','content':[{'type':'input_text','text':'Weather'},{'type':'input_text','text':'?'}]},
                 {'type':'reasoning','id':'r','summary':[],'content':[{'type':'reasoning_text','text':'hm'}]},
                 {'type':'message','id':'m','role':'assistant','status':'completed','content':[{'type':'output_text','text':'Look.'}]},
                 {'type':'function_call','call_id':'c1','name':'weather','arguments':'{}'},
                 {'type':'function_call_output','call_id':'c1','output':'rain'}]}""");

        assertThat(response.statusCode()).isEqualTo(200);
        String prompt = server.model.tokenized.getLast().stream().map(TextPart::text).collect(Collectors.joining());
        assertThat(prompt).containsSubsequence("system\nBe kind.", "Be brief.", "user\nWeather?<",
                "assistant\nLook.\n{\"name\": \"weather\"",
                "tool\nrain<", "assistant\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                                                                  {}                                                                 | input
                                                                  {'input':[]}                                                       | input
                                                                  {'input':5}                                                        | input
                                                                  {'input':[{'role':'judge','content':'x'}]}                         | input[0].role
                                                                  {'input':[{'role':'user'}]}                                        | input[0].content
                                                                  {'input':[{'role':'user','content':[{'type':'input_image'}]}]}     | input[0].content[0].type
                                                                  {'input':[{'type':'item_reference','id':'x'}]}                     | input[0].type
                                                                  {'input':[{'type':'computer_call'}]}                               | input[0].type
                                                                  {'input':[{'type':'function_call','name':'f','arguments':'{}'}]}   | input[0].call_id
                                                                  {'previous_response_id':'resp_1',U}                                | previous_response_id
                                                                  {'conversation':'conv_1',U}                                        | conversation
                                                                  {'prompt':{'id':'p'},U}                                            | prompt
                                                                  {'background':true,U}                                              | background
                                                                  {'truncation':'auto',U}                                            | truncation
                                                                  {'context_management':[],U}                                        | context_management
                                                                  {'moderation':{},U}                                                | moderation
                                                                  {'max_output_tokens':0,U}                                          | max_output_tokens
                                                                  {'temperature':3,U}                                                | temperature
                                                                  {'top_logprobs':21,U}                                              | top_logprobs
                                                                  {'text':{'format':{'type':'xml'}},U}                               | text.format.type
                                                                  {'text':{'format':{'type':'json_schema','name':'x'}},U}            | text.format.schema
                                                                  {'tools':[{'type':'web_search'}],U}                                | tools[0].type
                                                                  {'tools':[{'type':'function','name':'a b','parameters':{}}],U}     | tools[0].name
                                                                  {'tool_choice':{'type':'mcp'},U}                                   | tool_choice.type
                                                                  {'tool_choice':'always',U}                                         | tool_choice
                                                                  """)
    void what_cannot_be_done_is_refused_by_name(String body, String field) {
        HttpResponse<String> response = server.post(RESPONSES, body.replace(",U", ",'input':'x'"));

        JsonNode error = json(response).path("error");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error.path("param").asText()).isEqualTo(field);
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.path("message").asText()).startsWith("'" + field + "'");
    }

    private static List<String> types(List<JsonNode> events) {
        return events.stream().map(event -> event.path("type").asText()).toList();
    }
}
