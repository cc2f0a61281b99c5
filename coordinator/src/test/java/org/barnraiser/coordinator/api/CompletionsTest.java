package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.TextPart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;
import static org.barnraiser.coordinator.api.ApiTestServer.streamedText;

class CompletionsTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_whole_answer_has_openais_form() {
        HttpResponse<String> response = server.post(COMPLETIONS, "{'model':'barn-model','prompt':'Say hello'}");

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode body = json(response);
        assertThat(body.path("id").asText()).startsWith("cmpl-");
        assertThat(body.path("object").asText()).isEqualTo("text_completion");
        assertThat(body.path("model").asText()).isEqualTo("barn-model");
        assertThat(body.path("created").asLong()).isPositive();
        assertThat(body.path("choices").toString())
                .isEqualTo("[{\"index\":0,\"text\":\"Hello\",\"logprobs\":null,\"finish_reason\":\"stop\"}]");
        assertThat(body.path("usage").toString())
                .isEqualTo("{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":0},"
                        + "\"completion_tokens_details\":{\"reasoning_tokens\":0,"
                        + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}");
    }

    @Test
    void usage_tells_how_many_tokens_were_guessed_and_how_many_of_them_were_right() {
        server.model.script = speaker -> {
            speaker.guess(3, 2).say("a").say("b").guess(4, 0).say("c");
            return new GenerationEnd.EndOfGeneration();
        };
        JsonNode usage = json(server.post(COMPLETIONS, "{'prompt':'Say hello'}")).path("usage");
        assertThat(usage.path("completion_tokens").asInt()).isEqualTo(3);
        assertThat(usage.path("completion_tokens_details").toString()).isEqualTo(
                "{\"reasoning_tokens\":0,\"accepted_prediction_tokens\":2,\"rejected_prediction_tokens\":5}");
    }

    @Test
    void usage_tells_how_much_of_the_prompt_was_remembered() {
        server.model.script = speaker -> {
            speaker.remember(6).say("a");
            return new GenerationEnd.EndOfGeneration();
        };
        JsonNode usage = json(server.post(COMPLETIONS, "{'prompt':'Say hello'}")).path("usage");
        assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(9);
        assertThat(usage.path("prompt_tokens_details").path("cached_tokens").asInt()).isEqualTo(6);
        assertThat(server.get("/metrics").body()).contains("barnraiser_prompt_tokens_reused_total 6.0");
    }

    @Test
    void every_answer_names_the_model_that_made_it() {
        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x'}");

        assertThat(response.headers().firstValue("X-Barnraiser-Model")).hasValue("sha256:" + ScriptedModel.DIGEST);
        assertThat(json(response).path("system_fingerprint").asText()).isEqualTo("sha256:" + ScriptedModel.DIGEST);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(response.headers().firstValue("X-Accel-Buffering")).hasValue("no");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void a_stream_sends_each_piece_and_ends_with_done() {
        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x','stream':true}");

        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(response.headers().firstValue("X-Barnraiser-Model")).hasValue("sha256:" + ScriptedModel.DIGEST);
        List<String> events = events(response);
        assertThat(events).hasSize(4).last().isEqualTo("[DONE]");
        assertThat(json(events.get(0)).path("choices").path(0).path("text").asText()).isEqualTo("Hel");
        assertThat(json(events.get(0)).path("choices").path(0).path("finish_reason").isNull()).isTrue();
        assertThat(json(events.get(0)).path("system_fingerprint").asText()).endsWith(ScriptedModel.DIGEST);
        assertThat(json(events.get(2)).path("choices").path(0).path("finish_reason").asText()).isEqualTo("stop");
        assertThat(streamedText(response)).isEqualTo("Hello");
    }

    @Test
    void usage_comes_last_when_asked_for() {
        List<String> events = events(
                server.post(COMPLETIONS, "{'prompt':'x','stream':true,'stream_options':{'include_usage':true}}"));

        JsonNode last = json(events.get(events.size() - 2));
        assertThat(last.path("choices").isEmpty()).isTrue();
        assertThat(last.path("usage").path("total_tokens").asInt()).isEqualTo(3);
        assertThat(json(events.get(0)).path("usage").isNull()).isTrue();
    }

    @Test
    void the_prompt_is_tokenized_as_it_is_with_its_control_tokens() {
        server.post(COMPLETIONS, "{'prompt':'<s>x'}");

        assertThat(server.model.tokenized).containsExactly(List.of(new TextPart("<s>x", true)));
    }

    @Test
    void an_answer_that_reaches_its_limit_says_length() {
        server.model.script = _ -> new GenerationEnd.Length();

        JsonNode body = json(server.post(COMPLETIONS, "{'prompt':'xyz','max_tokens':7}"));

        assertThat(body.path("choices").path(0).path("finish_reason").asText()).isEqualTo("length");
        assertThat(server.model.started.getFirst().request.maxTokens()).isEqualTo(7);
    }

    @Test
    void without_a_limit_the_answer_may_fill_the_context() {
        server.post(COMPLETIONS, "{'prompt':'xyz'}");
        server.post(COMPLETIONS, "{'prompt':'xyz','max_tokens':100000}");

        assertThat(server.model.started).allSatisfy(
                each -> assertThat(each.request.maxTokens()).isEqualTo(ScriptedModel.CONTEXT_TOKENS - 3));
    }

    @Test
    void characters_that_span_tokens_arrive_whole() {
        byte[] bytes = "a\uD83D\uDE00\u00E9".getBytes(StandardCharsets.UTF_8);
        server.model.script = speaker -> {
            for (byte value : bytes) {
                speaker.say(new byte[]{value});
            }
            return new GenerationEnd.EndOfGeneration();
        };

        HttpResponse<String> streamed = server.post(COMPLETIONS, "{'prompt':'x','stream':true}");

        assertThat(streamedText(streamed)).isEqualTo("a\uD83D\uDE00\u00E9").doesNotContain("\uFFFD");
        assertThat(json(server.post(COMPLETIONS, "{'prompt':'x'}")).path("choices").path(0).path("text").asText())
                .isEqualTo("a\uD83D\uDE00\u00E9");
    }

    @Test
    void an_answer_cut_inside_a_character_ends_with_a_replacement() {
        server.model.script = speaker -> {
            speaker.say(Arrays.copyOf("\u20AC".getBytes(StandardCharsets.UTF_8), 2));
            return new GenerationEnd.Length();
        };

        assertThat(streamedText(server.post(COMPLETIONS, "{'prompt':'x','stream':true}"))).isEqualTo("\uFFFD");
    }

    @Test
    void a_stop_string_across_tokens_is_never_shown_and_frees_the_slot() throws Exception {
        server.model.script = speaker -> {
            speaker.say("one EN").say("X EN").say("D two");
            speaker.cancelled.await();
            return new GenerationEnd.EndOfGeneration();
        };

        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'x','stream':true,'stop':['END','zzz']}");

        assertThat(streamedText(response)).isEqualTo("one ENX ");
        assertThat(events(response)).noneMatch(event -> event.contains("END"));
        assertThat(json(events(response).get(events(response).size() - 2)).path("choices").path(0).path("finish_reason")
                .asText()).isEqualTo("stop");
        assertThat(server.model.started.getFirst().isCancelled()).isTrue();
    }

    @Test
    void what_could_have_become_a_stop_is_shown_at_the_end() {
        server.model.script = speaker -> {
            speaker.say("one EN");
            return new GenerationEnd.EndOfGeneration();
        };

        assertThat(json(server.post(COMPLETIONS, "{'prompt':'x','stop':'END'}")).path("choices").path(0).path("text")
                .asText()).isEqualTo("one EN");
    }

    @Test
    void several_answers_are_generated_and_numbered() {
        server.model.script = speaker -> {
            speaker.say("answer " + speaker.index);
            return new GenerationEnd.EndOfGeneration();
        };

        JsonNode body = json(server.post(COMPLETIONS, "{'prompt':'x','n':3,'seed':5}"));

        for (int i = 0; i < 3; i++) {
            assertThat(body.path("choices").path(i).path("index").asInt()).isEqualTo(i);
            assertThat(body.path("choices").path(i).path("text").asText()).isEqualTo("answer " + i);
        }
        assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
        assertThat(server.model.started).extracting(each -> each.request.sampling().getSeed()).containsExactly(5L, 6L,
                7L);
    }

    @Test
    void logprobs_have_the_older_form() {
        server.model.script = speaker -> {
            speaker.say("ab").say(new byte[]{(byte) 0xC3}).say(new byte[]{(byte) 0xA9});
            return new GenerationEnd.EndOfGeneration();
        };

        JsonNode logprobs = json(server.post(COMPLETIONS, "{'prompt':'x','logprobs':2}")).path("choices").path(0)
                .path("logprobs");

        assertThat(logprobs.path("tokens").toString()).isEqualTo("[\"ab\",\"bytes:\\\\xc3\",\"bytes:\\\\xa9\"]");
        assertThat(logprobs.path("token_logprobs").toString()).isEqualTo("[-0.5,-0.5,-0.5]");
        assertThat(logprobs.path("top_logprobs").path(0).toString()).isEqualTo("{\"ab\":-0.5,\"alt1\":-9999.0}");
        assertThat(logprobs.path("text_offset").toString()).isEqualTo("[0,2,2]");
    }
}
