package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.events;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** Completions of several prompts, and what is put around them. */
class PromptListsTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    /** Each answer repeats the first byte of its prompt, and its seed. */
    private void echoFirstToken() {
        server.model.script = speaker -> {
            char first = (char) speaker.request.promptTokens().get(0);
            speaker.say(first + "" + speaker.request.sampling().getSeed());
            return new GenerationEnd.EndOfGeneration();
        };
    }

    private static List<String> texts(JsonNode body) {
        return body.path("choices").valueStream().map(choice -> choice.path("text").asText()).toList();
    }

    @Test
    void answers_are_numbered_by_prompt_and_then_by_choice() {
        echoFirstToken();

        JsonNode body = json(server.post(COMPLETIONS, "{'prompt':['a','bb'],'n':2,'seed':7}"));

        assertThat(texts(body)).containsExactly("a7", "a8", "b7", "b8");
        assertThat(body.path("choices").valueStream().map(choice -> choice.path("index").asInt()))
                .containsExactly(0, 1, 2, 3);
        assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void prompts_may_be_tokens() {
        echoFirstToken();

        assertThat(texts(json(server.post(COMPLETIONS, "{'prompt':[104,105],'seed':1}")))).containsExactly("h1");
        assertThat(texts(json(server.post(COMPLETIONS, "{'prompt':[[104],[105,106]],'seed':1}"))))
                .containsExactly("h1", "i1");
    }

    @Test
    void an_echo_comes_before_the_answer_streamed_and_whole() {
        assertThat(texts(json(server.post(COMPLETIONS, "{'prompt':['a ','b '],'echo':true}"))))
                .containsExactly("a Hello", "b Hello");

        HttpResponse<String> stream = server.post(COMPLETIONS, "{'prompt':'a ','echo':true,'stream':true}");

        Stream<String> texts = events(stream).stream().filter(event -> !event.equals("[DONE]"))
                .map(event -> json(event).path("choices").path(0).path("text").asText());
        assertThat(String.join("", texts.toList())).isEqualTo("a Hello");
    }

    @Test
    void the_best_of_several_are_those_whose_tokens_are_likeliest() {
        server.model.script = speaker -> {
            speaker.say("x" + speaker.request.sampling().getSeed(),
                    speaker.request.sampling().getSeed() == 9 ? -0.1f : -2);
            return new GenerationEnd.EndOfGeneration();
        };

        JsonNode body = json(server.post(COMPLETIONS, "{'prompt':'a','best_of':4,'seed':7}"));

        assertThat(texts(body)).containsExactly("x9");
        assertThat(body.path("choices").path(0).path("logprobs").isNull()).isTrue();
        assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(4);
    }

    @Test
    void a_suffix_is_written_with_the_vocabulary_s_own_marks() {
        server.model.hasMiddle = true;

        HttpResponse<String> response = server.post(COMPLETIONS, "{'prompt':'ab','suffix':'c'}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(server.model.started.getLast().request.promptTokens().asList()).containsExactly(1, (int) 'a',
                (int) 'b', 2, (int) 'c', 3);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '#', textBlock = """
                                                                  prompt  | {'prompt':[]}
                                                                  prompt  | {'prompt':7}
                                                                  prompt  | {'prompt':[300]}
                                                                  prompt  | {'prompt':['a',[-1]]}
                                                                  prompt  | {'prompt':[[1.5]]}
                                                                  prompt  | {'prompt':['']}
                                                                  prompt  | {'prompt':['a','b','c','d','e'],'n':16}
                                                                  echo    | {'prompt':'a','echo':true,'logprobs':1}
                                                                  echo    | {'prompt':[97],'echo':true}
                                                                  suffix  | {'prompt':'a','suffix':'b'}
                                                                  suffix  | {'prompt':['a','b'],'suffix':'b'}
                                                                  best_of | {'prompt':'a','best_of':2,'stream':true}
                                                                  best_of | {'prompt':'a','n':3,'best_of':2}
                                                                  best_of | {'prompt':'a','best_of':17}
                                                                  """)
    void what_is_wrong_is_refused_by_name(String param, String request) {
        HttpResponse<String> response = server.post(COMPLETIONS, request);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(json(response).path("error").path("param").asText()).isEqualTo(param);
    }
}
