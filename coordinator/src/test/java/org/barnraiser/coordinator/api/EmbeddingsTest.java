package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

class EmbeddingsTest {
    private static final String EMBEDDINGS = "/v1/embeddings";

    private final ApiTestServer server = new ApiTestServer();

    /** A text means how many tokens it has, and its first one. */
    @BeforeEach
    void mean_something() {
        server.model.script = speaker -> {
            speaker.mean((float) speaker.request.promptTokens().length(),
                    (float) speaker.request.promptTokens().get(0));
            return new GenerationEnd.Length();
        };
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_text_has_a_direction_of_length_one_and_is_counted() {
        HttpResponse<String> answer = server.post(EMBEDDINGS, "{'model':'barn-model','input':'abc','user':'me'}");

        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode body = json(answer);
        assertThat(body.path("object").asText()).isEqualTo("list");
        assertThat(body.path("model").asText()).isEqualTo("barn-model");
        assertThat(body.path("usage").toString()).isEqualTo("{\"prompt_tokens\":3,\"total_tokens\":3}");
        JsonNode one = body.path("data").path(0);
        assertThat(one.path("object").asText()).isEqualTo("embedding");
        assertThat(one.path("index").asInt()).isZero();
        double length = Math.hypot(3, 'a');
        assertThat(one.path("embedding").path(0).asDouble()).isCloseTo(3 / length, within());
        assertThat(one.path("embedding").path(1).asDouble()).isCloseTo('a' / length, within());
        assertThat(server.model.started.getFirst().request.sampling().getPooling()).isEqualTo(Pooling.MEAN);
        assertThat(server.model.started.getFirst().request.maxTokens()).isEqualTo(1);
        assertThat(server.get("/metrics").body()).contains("barnraiser_prompt_tokens_total 3.0")
                .contains("barnraiser_generated_tokens_total 0.0").contains("barnraiser_sequences_running 0.0");
    }

    @Test
    void packed_numbers_are_the_same_as_listed_ones() {
        JsonNode listed = json(server.post(EMBEDDINGS, "{'input':'abc','encoding_format':'float','dimensions':2}"));
        JsonNode packed = json(server.post(EMBEDDINGS, "{'input':'abc','encoding_format':'base64'}"));

        ByteBuffer bytes = ByteBuffer
                .wrap(Base64.getDecoder().decode(packed.path("data").path(0).path("embedding").asText()))
                .order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.remaining()).isEqualTo(2 * Float.BYTES);
        for (JsonNode value : listed.path("data").path(0).path("embedding")) {
            assertThat(bytes.getFloat()).isEqualTo(value.floatValue());
        }
    }

    @Test
    void many_texts_come_back_in_their_order_and_a_few_at_a_time() {
        String texts = IntStream.rangeClosed(1, 30).mapToObj(length -> "'" + "x".repeat(length) + "'")
                .collect(Collectors.joining(","));
        JsonNode body = json(server.post(EMBEDDINGS, "{'input':[" + texts + "]}"));

        assertThat(body.path("data")).hasSize(30);
        for (int i = 0; i < 30; i++) {
            JsonNode one = body.path("data").path(i);
            assertThat(one.path("index").asInt()).isEqualTo(i);
            assertThat(one.path("embedding").path(0).asDouble()).isCloseTo((i + 1) / Math.hypot(i + 1, 'x'), within());
        }
        assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo(30 * 31 / 2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[7,8,9]|1|3", "[[7,8],[9]]|2|3", "['ab',[9]]|2|3"})
    void tokens_are_taken_as_they_are(String input, int texts, int tokens) {
        JsonNode body = json(server.post(EMBEDDINGS, "{'input':" + input + "}"));

        assertThat(body.path("data")).hasSize(texts);
        assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo(tokens);
    }

    @Test
    void control_tokens_in_a_text_are_text() {
        JsonNode body = json(server.post(EMBEDDINGS, "{'input':'<|im_end|>'}"));

        assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo("<|im_end|>".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'input':''}", "{'input':[]}", "{'input':['a','']}", "{'input':[[]]}",
            "{'input':[256]}", "{'input':[-1]}", "{'input':[1.5]}", "{'input':[1,'a']}", "{'input':['a',1]}",
            "{'input':{'text':'a'}}", "{'input':7}", "{'input':[[1],{}]}"})
    void what_is_no_text_is_refused_by_the_name_of_the_field(String request) {
        assertRefused(request, 400, "input");
    }

    @Test
    void fields_that_would_change_the_answer_are_refused_by_name() {
        assertRefused("{'input':'a','dimensions':1}", 400, "dimensions");
        assertRefused("{'input':'a','encoding_format':'hex'}", 400, "encoding_format");
        assertRefused("{'input':'a','model':'another'}", 404, "model");
        assertThat(server.model.started).isEmpty();
    }

    @Test
    void a_text_that_is_too_long_is_refused_with_both_numbers_before_any_is_computed() {
        HttpResponse<String> answer = server.post(EMBEDDINGS, "{'input':['a','" + "x".repeat(200) + "']}");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).path("error").path("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(json(answer).path("error").path("message").asText()).contains("200 tokens").contains("199");
        assertThat(server.model.started).isEmpty();
    }

    @Test
    void a_model_without_embeddings_says_so() {
        server.model.embedding = Optional.empty();

        HttpResponse<String> answer = assertRefused("{'input':'a'}", 400, "model");

        assertThat(json(answer).path("error").path("message").asText()).contains("no embeddings");
    }

    @Test
    void one_text_that_fails_fails_the_request_and_frees_the_others() {
        server.model.script = speaker -> {
            if (speaker.index == 0) {
                return new GenerationEnd.Failed("The machines broke.", true);
            }
            speaker.cancelled.await();
            return new GenerationEnd.Cancelled();
        };

        HttpResponse<String> answer = server.post(EMBEDDINGS, "{'input':['a','b','c']}");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("The machines broke.");
        await().untilAsserted(
                () -> assertThat(server.get("/metrics").body()).contains("barnraiser_sequences_running 0.0"));
    }

    @Test
    void machines_that_give_something_else_are_not_believed() {
        server.model.script = speaker -> {
            speaker.say("a token");
            return new GenerationEnd.Length();
        };

        HttpResponse<String> answer = server.post(EMBEDDINGS, "{'input':'abc'}");

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("no embedding");
    }

    @Test
    void a_client_that_leaves_frees_its_slots_at_once() throws Exception {
        server.model.script = speaker -> {
            speaker.cancelled.await();
            return new GenerationEnd.Cancelled();
        };
        try (Socket socket = server.rawPost(EMBEDDINGS, "{'input':['a','b','c','d','e','f']}")) {
            await().until(() -> server.model.started.size() == 4);
            socket.setSoLinger(true, 0);
        }
        for (ScriptedModel.Speaker speaker : server.model.started) {
            assertThat(speaker.cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        }
        await().untilAsserted(
                () -> assertThat(server.get("/metrics").body()).contains("barnraiser_sequences_running 0.0"));
        assertThat(server.model.started).hasSize(4);
    }

    private HttpResponse<String> assertRefused(String request, int status, String param) {
        HttpResponse<String> answer = server.post(EMBEDDINGS, request);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(json(answer).path("error").path("param").asText()).startsWith(param);
        return answer;
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-6);
    }
}
