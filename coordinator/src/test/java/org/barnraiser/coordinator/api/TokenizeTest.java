package org.barnraiser.coordinator.api;

import java.net.http.HttpResponse;
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

    private int tokens(String body) {
        return json(server.post("/v1/tokenize", body)).path("tokens").size();
    }
}
