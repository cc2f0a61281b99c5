package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SamplingParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;
import static org.barnraiser.coordinator.api.ApiTestServer.streamedText;

class ChatTest {
    private static final String USER = "'messages':[{'role':'user','content':'Hi'}]";
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_whole_answer_has_openais_form() {
        JsonNode body = json(server.post(CHAT, "{" + USER + "}"));

        assertThat(body.path("id").asText()).startsWith("chatcmpl-");
        assertThat(body.path("object").asText()).isEqualTo("chat.completion");
        assertThat(body.path("system_fingerprint").asText()).isEqualTo("sha256:" + ScriptedModel.DIGEST);
        JsonNode choice = body.path("choices").path(0);
        assertThat(choice.path("message").path("role").asText()).isEqualTo("assistant");
        assertThat(choice.path("message").path("content").asText()).isEqualTo("Hello");
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    }

    @Test
    void a_stream_opens_with_the_role() {
        HttpResponse<String> response = server.post(CHAT, "{" + USER + ",'stream':true,'n':2}");

        List<String> events = events(response);
        for (int i = 0; i < 2; i++) {
            JsonNode choice = json(events.get(i)).path("choices").path(0);
            assertThat(choice.path("index").asInt()).isEqualTo(i);
            assertThat(choice.path("delta").path("role").asText()).isEqualTo("assistant");
        }
        assertThat(json(events.get(0)).path("object").asText()).isEqualTo("chat.completion.chunk");
        assertThat(streamedText(response)).hasSize(10);
        assertThat(events.getLast()).isEqualTo("[DONE]");
    }

    @Test
    void an_answer_that_was_begun_is_gone_on_with() {
        server.post(CHAT, "{" + USER.replace("]", ",{'role':'assistant','content':'Once upon <|im_end|>'}]")
                + ",'continue_final_message':true}");

        List<TextPart> prompt = server.model.tokenized.getLast();
        String text = prompt.stream().map(TextPart::text).collect(Collectors.joining());
        assertThat(text).endsWith("<|im_start|>assistant\nOnce upon <|im_end|>");
        assertThat(prompt.getLast()).isEqualTo(new TextPart("Once upon <|im_end|>", false));
    }

    @Test
    void only_an_answer_can_be_gone_on_with() {
        assertThat(server.post(CHAT, "{" + USER + ",'continue_final_message':true}").statusCode()).isEqualTo(400);
        assertThat(server.post(CHAT, "{'messages':[{'role':'assistant','content':'x'}],'continue_final_message':true}")
                .statusCode()).isEqualTo(400);
    }

    @Test
    void readers_text_cannot_become_a_control_token() {
        server.post(CHAT, "{'messages':[{'role':'user','content':'<|im_end|>'}]}");

        assertThat(server.model.tokenized.getLast()).contains(new TextPart("<|im_end|>", false));
    }

    @Test
    void every_role_and_both_forms_of_content_are_understood() {
        server.post(CHAT, """
                          {'messages':[
                          {'role':'system','content':'a'},
                          {'role':'developer','content':'b'},
                          {'role':'user','content':[{'type':'text','text':'c'},{'type':'text','text':'d'}]},
                          {'role':'assistant','content':null,'tool_calls':[{'id':'1','function':{'name':'f'}}]},
                          {'role':'tool','tool_call_id':'1','content':'e'}]}""");

        assertThat(server.model.tokenized.getLast().stream().map(TextPart::text).collect(Collectors.joining()))
                .isEqualTo("""
                           <|im_start|>system
                           a<|im_end|>
                           <|im_start|>system
                           b<|im_end|>
                           <|im_start|>user
                           cd<|im_end|>
                           <|im_start|>assistant
                           {"name": "f", "arguments": {}}<|im_end|>
                           <|im_start|>tool
                           e<|im_end|>
                           <|im_start|>assistant
                           """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '#', textBlock = """
                                                                  messages                 | {}
                                                                  messages                 | {'messages':[]}
                                                                  messages                 | {'messages':'x'}
                                                                  messages[0]              | {'messages':['x']}
                                                                  messages[0].role         | {'messages':[{'content':'x'}]}
                                                                  messages[1].role         | {'messages':[{'role':'user','content':'x'},{'role':'god','content':'x'}]}
                                                                  messages[0].content      | {'messages':[{'role':'user'}]}
                                                                  messages[0].content      | {'messages':[{'role':'user','content':7}]}
                                                                  messages[0].content[0].type | {'messages':[{'role':'user','content':[{'type':'image_url'}]}]}
                                                                  messages[0].content[0].text | {'messages':[{'role':'user','content':[{'type':'text'}]}]}
                                                                  tools                    | {'messages':[{'role':'user','content':'x'}],'tools':7}
                                                                  tool_choice              | {'messages':[{'role':'user','content':'x'}],'tool_choice':'required'}
                                                                  tool_choice.function     | {'messages':[{'role':'user','content':'x'}],'tool_choice':{'type':'function'}}
                                                                  logprobs                 | {'messages':[{'role':'user','content':'x'}],'logprobs':3}
                                                                  top_logprobs             | {'messages':[{'role':'user','content':'x'}],'top_logprobs':3}
                                                                  top_logprobs             | {'messages':[{'role':'user','content':'x'}],'logprobs':true,'top_logprobs':21}
                                                                  stream_options.include_usage | {'messages':[{'role':'user','content':'x'}],'stream_options':{'include_usage':1}}
                                                                  response_format.json_schema | {'messages':[{'role':'user','content':'x'}],'response_format':{'type':'json_schema'}}
                                                                  """)
    void what_is_wrong_is_refused_by_name(String param, String request) {
        HttpResponse<String> response = server.post(CHAT, request);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(json(response).path("error").path("param").asText()).isEqualTo(param);
    }

    @Test
    void too_many_messages_are_refused() {
        String many = "{'role':'user','content':'x'},".repeat(100) + "{'role':'user','content':'x'}";

        assertThat(server.post(CHAT, "{'messages':[" + many + "]}").statusCode()).isEqualTo(400);
    }

    @Test
    void logprobs_name_each_token_with_its_bytes() {
        JsonNode first = json(server.post(CHAT, "{" + USER + ",'logprobs':true,'top_logprobs':2}")).path("choices")
                .path(0)
                .path("logprobs").path("content").path(0);

        assertThat(first.path("token").asText()).isEqualTo("Hel");
        assertThat(first.path("logprob").asDouble()).isEqualTo(-0.5);
        assertThat(first.path("bytes").toString()).isEqualTo("[72,101,108]");
        assertThat(first.path("top_logprobs").size()).isEqualTo(2);
        assertThat(first.path("top_logprobs").path(1).path("logprob").asDouble()).isEqualTo(-9999);
    }

    @Test
    void tokens_of_which_nothing_is_shown_have_no_logprobs() {
        JsonNode content = json(server.post(CHAT, "{" + USER + ",'logprobs':true,'stop':'lo'}")).path("choices").path(0)
                .path("logprobs").path("content");

        assertThat(content).hasSize(1);
        assertThat(content.path(0).path("token").asText()).isEqualTo("Hel");
    }

    @Test
    void without_any_sampling_field_the_models_own_distribution_is_used() {
        server.post(CHAT, "{" + USER + "}");
        server.post(CHAT, "{" + USER + "}");

        SamplingParameters sampling = sampling(0);
        assertThat(sampling.getTemperature()).isEqualTo(1);
        assertThat(sampling.getTopP()).isEqualTo(1);
        assertThat(sampling.getTopK()).isZero();
        assertThat(sampling.getMinP()).isZero();
        assertThat(sampling.getGrammar()).isEmpty();
        assertThat(sampling.getSeed()).isNotEqualTo(sampling(1).getSeed());
    }

    @Test
    void every_sampling_field_reaches_the_tail() {
        server.post(CHAT, "{" + USER
                + """
                  ,'seed':42,'temperature':0.5,'top_k':40,'top_p':0.9,'min_p':0.05,'typical_p':0.8,'xtc_probability':0.1,
                  'xtc_threshold':0.2,'repeat_penalty':1.1,'presence_penalty':0.25,'frequency_penalty':-0.25,
                  'repeat_last_n':-1,'dry_multiplier':0.8,'dry_base':2,'dry_allowed_length':3,'dry_penalty_last_n':20,
                  'dry_sequence_breakers':['!'],'mirostat':2,'mirostat_tau':4,'mirostat_eta':0.25,'logit_bias':{'7':-100},
                  'grammar':'root ::= [a-z]+','logprobs':true,'top_logprobs':5,'ignore_eos':true}""");

        assertThat(sampling(0)).isEqualTo(SamplingParameters.newBuilder().setSeed(42).setTemperature(0.5f).setTopK(40)
                .setTopP(0.9f).setMinP(0.05f).setTypicalP(0.8f).setXtcProbability(0.1f).setXtcThreshold(0.2f)
                .setRepeatPenalty(1.1f).setPresencePenalty(0.25f).setFrequencyPenalty(-0.25f)
                .setPenaltyLastTokens(ScriptedModel.CONTEXT_TOKENS).setDryMultiplier(0.8f).setDryBase(2)
                .setDryAllowedLength(3).setDryLastTokens(20).addDrySequenceBreakers("!").setMirostat(2)
                .setMirostatTau(4).setMirostatEta(0.25f)
                .addLogitBias(LogitBias.newBuilder().setToken(7).setBias(-100))
                .setGrammar("root ::= [a-z]+").setLogprobs(true).setTopLogprobs(5).setIgnoreEnd(true).build());
    }

    @Test
    void a_response_format_becomes_a_grammar() {
        server.post(CHAT, "{" + USER + ",'response_format':{'type':'json_object'}}");
        server.post(CHAT, "{" + USER
                + ",'response_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'type':'array'}}}}");

        assertThat(sampling(0).getGrammar()).startsWith("root ::=").contains("object ::=");
        assertThat(sampling(1).getGrammar()).startsWith("root ::=").contains("array ::=");
    }

    @Test
    void a_schema_that_cannot_be_expressed_is_refused() {
        HttpResponse<String> response = server.post(CHAT, "{" + USER
                + ",'response_format':{'type':'json_schema','json_schema':{'schema':{'type':'impossible'}}}}");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("error").path("param").asText()).isEqualTo("response_format.json_schema.schema");
        assertThat(json(response).path("error").path("message").asText()).contains("'type' must be one or more of");
    }

    private SamplingParameters sampling(int index) {
        return server.model.started.get(index).request.sampling();
    }
}
