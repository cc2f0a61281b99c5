package org.barnraiser.coordinator.api;

import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

class TokenizeTest {
    private final ApiTestServer server = new ApiTestServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_text_becomes_the_models_tokens() {
        HttpResponse<String> answer = server.post("/v1/tokenize", "{'content':'abc'}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).path("tokens").toString()).isEqualTo("[97,98,99]");
    }

    @Test
    void control_tokens_count_as_such_unless_told_otherwise() {
        assertThat(tokens("{'content':'<|im_end|>'}")).isEqualTo(1);
        assertThat(tokens("{'content':'<|im_end|>','parse_special':false}")).isEqualTo("<|im_end|>".length());
    }

    @Test
    void a_text_must_be_there_and_have_its_bounds() {
        assertThat(server.post("/v1/tokenize", "{}").statusCode()).isEqualTo(400);
        assertThat(server.post("/v1/tokenize", "{'content':'" + "x".repeat(70_000) + "'}").statusCode()).isEqualTo(413);
    }

    @Test
    void tokens_become_their_text_again() {
        String tokens = json(server.post("/v1/tokenize", "{'content':'grün'}")).path("tokens").toString();

        HttpResponse<String> text = server.post("/v1/detokenize", "{'tokens':" + tokens + "}");

        assertThat(json(text).path("content").asText()).isEqualTo("grün");
        assertThat(json(server.post("/v1/detokenize", "{'tokens':[]}")).path("content").asText()).isEmpty();
    }

    @Test
    void only_tokens_of_the_model_have_text() {
        for (String wrong : List.of("{}", "{'tokens':'a'}", "{'tokens':[256]}", "{'tokens':[-1]}",
                "{'tokens':[1.5]}")) {
            HttpResponse<String> refused = server.post("/v1/detokenize", wrong);

            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(json(refused).path("error").path("param").asText()).isEqualTo("tokens");
        }
    }

    private int tokens(String body) {
        return json(server.post("/v1/tokenize", body)).path("tokens").size();
    }
}
