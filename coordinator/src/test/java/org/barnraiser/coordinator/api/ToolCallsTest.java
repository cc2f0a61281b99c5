package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.TextPart;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** Tool calls and thoughts as programs see them, from a model of the Hermes family that thinks. */
class ToolCallsTest {
    private static final String TEMPLATE = """
                                           {% if tools %}{% for tool in tools %}tool:{{ tool | tojson }}
                                           {% endfor %}{% endif %}{% for m in messages %}{{ m.role }}:{{ m.content }}\
                                           {% for c in m.tool_calls %}<tool_call>{{ c.function.name }}{{ c.function.arguments | tojson }}</tool_call>{% endfor %}
                                           {% endfor %}{% if enable_thinking is defined and not enable_thinking %}quick{% endif %}\
                                           {# <think> </think> #}assistant:""";
    private static final String ASK = "'messages':[{'role':'user','content':'x'}]";
    private static final String TOOLS = "'tools':[{'type':'function','function':{'name':'get','description':'d','parameters':"
            + "{'type':'object','properties':{'a':{'type':'integer'}},'required':['a'],'additionalProperties':false}}}]";
    private static ApiTestServer server;

    @BeforeAll
    static void start() {
        server = new ApiTestServer(TEMPLATE);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void answer(String... pieces) {
        server.model.script = speaker -> {
            for (String piece : pieces) {
                speaker.say(piece);
            }
            return new GenerationEnd.EndOfGeneration();
        };
    }

    @Test
    void a_call_comes_as_a_call_and_not_as_text() {
        answer("<think>hm", "</think>", "I look.\n<tool", "_call>\n{\"name\": \"get\", \"argum",
                "ents\": {\"a\": 1}}\n</tool_call>");

        JsonNode body = json(server.post(CHAT, "{" + ASK + "," + TOOLS + "}"));

        JsonNode message = body.path("choices").path(0).path("message");
        assertThat(message.path("content").asText()).isEqualTo("I look.\n");
        assertThat(message.path("reasoning_content").asText()).isEqualTo("hm");
        JsonNode call = message.path("tool_calls").path(0);
        assertThat(call.path("id").asText()).hasSize(9);
        assertThat(call.path("type").asText()).isEqualTo("function");
        assertThat(call.path("function").toString()).isEqualTo("{\"name\":\"get\",\"arguments\":\"{\\\"a\\\": 1}\"}");
        assertThat(body.path("choices").path(0).path("finish_reason").asText()).isEqualTo("tool_calls");
        assertThat(body.path("usage").path("completion_tokens_details").path("reasoning_tokens").asInt()).isPositive();
    }

    @Test
    void an_answer_of_calls_alone_has_no_content() {
        answer("<tool_call>{\"name\":\"get\",\"arguments\":{\"a\":1}}</tool_call>");

        JsonNode body = json(server.post(CHAT, "{" + ASK + "," + TOOLS + "}"));

        assertThat(body.path("choices").path(0).path("message").path("content").isNull()).isTrue();
    }

    @Test
    void calls_are_streamed_in_openais_form() {
        answer("<think>hm</think>", "<tool_call>{\"name\":\"get\",", "\"arguments\":{\"a\"", ":1}}</tool_call>",
                "<tool_call>{\"name\":\"get\",\"arguments\":{}}</tool_call>");

        HttpResponse<String> response = server.post(CHAT, "{" + ASK + "," + TOOLS + ",'stream':true}");

        List<JsonNode> choices = events(response).stream().filter(event -> !event.equals("[DONE]"))
                .map(event -> json(event).path("choices").path(0)).toList();
        String text = choices.stream().map(each -> each.path("delta").path("content").asText(""))
                .collect(Collectors.joining());
        String thought = choices.stream().map(each -> each.path("delta").path("reasoning_content").asText(""))
                .collect(Collectors.joining());
        List<JsonNode> calls = choices.stream().flatMap(each -> each.path("delta").path("tool_calls").valueStream())
                .toList();
        assertThat(text).isEmpty();
        assertThat(thought).isEqualTo("hm");
        assertThat(calls.stream().filter(call -> call.has("id")).map(call -> call.path("index").asInt()))
                .containsExactly(0, 1);
        assertThat(arguments(calls, 0)).isEqualTo("{\"a\":1}");
        assertThat(arguments(calls, 1)).isEqualTo("{}");
        assertThat(choices.getLast().path("finish_reason").asText()).isEqualTo("tool_calls");
    }

    private static String arguments(List<JsonNode> calls, int index) {
        return calls.stream().filter(call -> call.path("index").asInt() == index)
                .map(call -> call.path("function").path("arguments").asText()).collect(Collectors.joining());
    }

    @Test
    void a_call_goes_on_where_it_was_when_machines_left() {
        server.model.script = speaker -> {
            speaker.say("<tool_call>{\"name\":\"get\",\"argum").pause("Worker w2 is gone.").resume()
                    .say("ents\":{\"a\"").pause("Worker w3 is gone.").resume().say(":1}}</tool_call>");
            return new GenerationEnd.EndOfGeneration();
        };

        JsonNode call = json(server.post(CHAT, "{" + ASK + "," + TOOLS + "}")).path("choices").path(0).path("message")
                .path("tool_calls").path(0);

        assertThat(call.path("function").toString()).isEqualTo("{\"name\":\"get\",\"arguments\":\"{\\\"a\\\":1}\"}");
    }

    @Test
    void without_tools_nothing_is_a_call() {
        answer("<tool_call>{}</tool_call>");

        JsonNode body = json(server.post(CHAT, "{" + ASK + "," + TOOLS + ",'tool_choice':'none'}"));

        assertThat(body.path("choices").path(0).path("message").path("content").asText())
                .isEqualTo("<tool_call>{}</tool_call>");
        assertThat(prompt()).doesNotContain("tool:");
    }

    @Test
    void a_choice_becomes_a_grammar() {
        answer("x");
        server.post(CHAT, "{" + ASK + "," + TOOLS + ",'tool_choice':'required'}");
        String required = grammar();
        server.post(CHAT, "{" + ASK + "," + TOOLS + ",'tool_choice':{'type':'function','function':{'name':'get'}}}");
        String named = grammar();
        server.post(CHAT, "{" + ASK + "," + TOOLS + "}");
        String free = grammar();
        server.post(CHAT, "{" + ASK + "}");

        assertThat(required).contains("<tool_call>").contains("{0,15}");
        assertThat(named).contains("<tool_call>").doesNotContain("{0,15}");
        assertThat(free).isNotEmpty().isNotEqualTo(required);
        assertThat(grammar()).isEmpty();
    }

    @Test
    void markers_that_are_control_tokens_are_asked_for() {
        answer("x");
        server.post(CHAT, "{" + ASK + "," + TOOLS + "}");

        assertThat(server.model.started.getLast().request.sampling().getShownControlTokensList())
                .contains("<think>", "</think>", "<tool_call>", "</tool_call>");
    }

    @Test
    void what_was_called_and_answered_goes_into_the_template() {
        answer("x");
        server.post(CHAT, "{'messages':[{'role':'user','content':'x'},{'role':'assistant','content':null,'tool_calls':"
                + "[{'id':'123456789','type':'function','function':{'name':'get','arguments':'{}'}}]},"
                + "{'role':'tool','tool_call_id':'123456789','content':'7'}]," + TOOLS
                + ",'chat_template_kwargs':{'enable_thinking':false}}");

        assertThat(prompt()).contains("tool:{\"type\": \"function\"").contains("<tool_call>get{}</tool_call>")
                .contains("tool:7").contains("quick");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '#', textBlock = """
                                                                  tools[0].function.name       | 'tools':[{'type':'function','function':{}}]
                                                                  tools[0].function.name       | 'tools':[{'type':'function','function':{'name':'a b'}}]
                                                                  tools[0].function            | 'tools':[{'type':'function'}]
                                                                  tools[0].type                | 'tools':[{'type':'retrieval'}]
                                                                  tools[0].function.parameters | 'tools':[{'type':'function','function':{'name':'f','parameters':7}}]
                                                                  tools[0].function.parameters | 'tools':[{'type':'function','function':{'name':'f','strict':true,'parameters':{'type':'object','not':{}}}}]
                                                                  tools                        | 'tools':[{'type':'function','function':{'name':'f'}},{'type':'function','function':{'name':'f'}}]
                                                                  tool_choice                  | 'tool_choice':'required'
                                                                  tool_choice                  | 'tool_choice':'perhaps'
                                                                  tool_choice                  | 'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':{'type':'function','function':{'name':'g'}}
                                                                  tool_choice                  | 'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'required','response_format':{'type':'json_object'}
                                                                  parallel_tool_calls          | 'parallel_tool_calls':3
                                                                  reasoning_effort             | 'reasoning_effort':'very much'
                                                                  """)
    void bad_tools_are_refused_by_name(String param, String fields) {
        HttpResponse<String> response = server.post(CHAT, "{" + ASK + "," + fields + "}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(json(response).path("error").path("param").asText()).isEqualTo(param);
    }

    private static String grammar() {
        return server.model.started.getLast().request.sampling().getGrammar();
    }

    private static String prompt() {
        return server.model.tokenized.getLast().stream().map(TextPart::text).collect(Collectors.joining());
    }
}
