package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.List;
import org.barnraiser.coordinator.model.AdapterDescription;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.AdapterUse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.CHAT;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

class AdaptersTest {
    private static final String POET = "b".repeat(64);
    private static final String CLERK = "a".repeat(64);

    private final ApiTestServer server = new ApiTestServer();

    @BeforeEach
    void have_two_adapters() {
        server.model.adapters = List.of(new AdapterDescription("poet", POET), new AdapterDescription("clerk", CLERK));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void a_model_with_a_plus_is_the_model_with_that_adapter_and_says_so() {
        HttpResponse<String> answer = server.post(COMPLETIONS, "{'model':'barn-model+poet','prompt':'x'}");

        assertThat(json(answer).path("model").asText()).isEqualTo("barn-model+poet");
        assertThat(answer.headers().firstValue("X-Barnraiser-Adapters")).hasValue("sha256:" + POET + ";scale=1.0");
        assertThat(used()).containsExactly(use(POET, 1));
    }

    @Test
    void several_adapters_can_be_mixed_at_scales_of_their_own() {
        server.post(CHAT, "{'messages':[{'role':'user','content':'x'}],"
                + "'adapters':[{'name':'poet','scale':0.5},{'name':'clerk'},{'name':'poet','scale':0.5}]}");
        assertThat(server.model.started).isEmpty();

        server.post(CHAT, "{'model':'barn-model+poet','messages':[{'role':'user','content':'x'}],"
                + "'adapters':[{'name':'clerk','scale':-0.5}]}");
        assertThat(used()).containsExactly(use(CLERK, -0.5f), use(POET, 1));
    }

    @Test
    void without_one_nothing_is_changed() {
        HttpResponse<String> answer = server.post(COMPLETIONS,
                "{'model':'barn-model','prompt':'x','adapters':[{'name':'poet','scale':0}]}");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("X-Barnraiser-Adapters")).isEmpty();
        assertThat(used()).isEmpty();
    }

    @Test
    void embeddings_are_computed_with_adapters_too() {
        server.model.script = speaker -> {
            speaker.mean(1f, 1f);
            return new GenerationEnd.Length();
        };
        HttpResponse<String> answer = server.post("/v1/embeddings", "{'model':'barn-model+clerk','input':'x'}");

        assertThat(json(answer).path("model").asText()).isEqualTo("barn-model+clerk");
        assertThat(used()).containsExactly(use(CLERK, 1));
    }

    @Test
    void an_adapter_that_is_not_here_is_refused_with_those_that_are() {
        HttpResponse<String> answer = server.post(COMPLETIONS, "{'model':'barn-model+thief','prompt':'x'}");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(json(answer).path("error").path("message").asText()).contains("barn-model+poet")
                .contains("barn-model+clerk");
    }

    @ParameterizedTest
    @ValueSource(strings = {"'poet'", "{}", "[{}]", "['poet']", "[{'name':'thief'}]", "[{'name':7}]",
            "[{'name':'poet','scale':'much'}]", "[{'name':'poet','scale':1000}]",
            "[{'name':'poet'},{'name':'poet'}]", "[1,2,3,4,5,6,7,8,9]"})
    void adapters_that_cannot_be_used_are_refused_by_the_name_of_the_field(String adapters) {
        HttpResponse<String> answer = server.post(COMPLETIONS, "{'prompt':'x','adapters':" + adapters + "}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(json(answer).path("error").path("param").asText()).startsWith("adapters");
        assertThat(server.model.started).isEmpty();
    }

    @Test
    void the_list_of_models_has_the_model_with_each_of_its_adapters() {
        JsonNode data = json(server.get("/v1/models")).path("data");

        assertThat(data.findValuesAsText("id")).containsExactly("barn-model", "barn-model+poet", "barn-model+clerk");
        assertThat(server.get("/v1/models/barn-model+poet").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/models/barn-model+thief").statusCode()).isEqualTo(404);
    }

    private List<AdapterUse> used() {
        return server.model.started.getFirst().request.sampling().getAdaptersList();
    }

    private static AdapterUse use(String digest, float scale) {
        return AdapterUse.newBuilder().setDigest(digest).setScale(scale).build();
    }
}
