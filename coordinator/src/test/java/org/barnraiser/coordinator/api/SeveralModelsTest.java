package org.barnraiser.coordinator.api;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.barnraiser.coordinator.account.KeyLimits;
import org.barnraiser.coordinator.account.Role;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.HostedModels;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.coordinator.web.WebSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** Two models behind one server. */
class SeveralModelsTest {
    private static final String OTHER_DIGEST = "cd".repeat(32);
    private final ScriptedModel barn = new ScriptedModel();
    private final ScriptedModel other = new ScriptedModel();
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpServer server = new HttpServer(HttpServerConfig.onPort(0),
            models(), ApiTestServer::status, WebSettings.standard()).start();

    private HostedModels models() {
        return new HostedModels(List.of(barn, new Renamed(other, "other", OTHER_DIGEST)), Map.of("gpt-x", "other"));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void the_model_that_was_asked_for_answers_and_no_other() throws Exception {
        for (String name : List.of("other", "gpt-x")) {
            HttpResponse<String> answer = post("{'model':'" + name + "','prompt':'a'}");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(json(answer).path("model").asText()).isEqualTo("other");
            assertThat(json(answer).path("system_fingerprint").asText()).isEqualTo("sha256:" + OTHER_DIGEST);
            assertThat(answer.headers().allValues("X-Barnraiser-Model")).containsExactly("sha256:" + OTHER_DIGEST);
        }
        assertThat(other.started).hasSize(2);
        assertThat(barn.started).isEmpty();
        assertThat(json(post("{'model':'barn-model','prompt':'a'}")).path("model").asText()).isEqualTo("barn-model");
        assertThat(barn.started).hasSize(1);
    }

    @Test
    void an_unknown_model_is_not_found_and_told_what_there_is() throws Exception {
        for (String name : List.of("barn-mode", "Barn-Model", "gpt-x-2", "")) {
            HttpResponse<String> answer = post("{'model':'" + name + "','prompt':'a'}");
            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(json(answer).path("error").path("code").asText()).isEqualTo("model_not_found");
            assertThat(json(answer).path("error").path("message").asText())
                    .contains("'barn-model', 'other' (also called 'gpt-x')");
            assertThat(answer.headers().firstValue("X-Barnraiser-Model")).isEmpty();
        }
        assertThat(get("/v1/models/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void a_request_that_names_no_model_is_asked_which() throws Exception {
        HttpResponse<String> answer = post("{'prompt':'a'}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).path("error").path("param").asText()).isEqualTo("model");
        assertThat(json(answer).path("error").path("message").asText()).contains("'barn-model'", "'other'");
    }

    @Test
    void an_adapter_behind_the_name_is_left_to_the_model() throws Exception {
        HttpResponse<String> answer = post("{'model':'gpt-x+poems','prompt':'a'}");
        assertThat(answer.headers().firstValue("X-Barnraiser-Model")).hasValue("sha256:" + OTHER_DIGEST);
        assertThat(answer.body()).contains("other+poems");
    }

    @Test
    void all_are_listed_and_each_is_found_by_any_of_its_names() throws Exception {
        assertThat(json(get("/v1/models")).path("data").findValuesAsText("id")).containsExactly("barn-model", "other");
        HttpResponse<String> one = get("/v1/models/gpt-x");
        assertThat(json(one).path("id").asText()).isEqualTo("other");
        assertThat(json(one).path("aliases").path(0).asText()).isEqualTo("gpt-x");
        assertThat(one.headers().firstValue("X-Barnraiser-Model")).hasValue("sha256:" + OTHER_DIGEST);
    }

    @Test
    void a_key_for_one_model_is_held_to_it_by_whatever_name_it_asks(@TempDir Path folder) throws Exception {
        try (TestMembers members = new TestMembers(folder, Optional.empty());
                HttpServer guarded = new HttpServer(HttpServerConfig.onPort(0), models(), ApiTestServer::status,
                        WebSettings.standard()).withMembers(members.members).start()) {
            String key = members.key(Role.MEMBER, new KeyLimits(ImmutableSet.of("other"), OptionalLong.empty(),
                    OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), 1)).secret().reveal();
            Map<String, Integer> expected = Map.of("other", 200, "gpt-x", 200, "barn-model", 403);
            for (var asked : expected.entrySet()) {
                HttpResponse<String> answer = send(HttpRequest
                        .newBuilder(URI.create("http://127.0.0.1:" + guarded.port() + ApiTestServer.COMPLETIONS))
                        .header("Authorization", "Bearer " + key).POST(HttpRequest.BodyPublishers
                                .ofString("{\"model\":\"" + asked.getKey() + "\",\"prompt\":\"a\"}"))
                        .build());
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(asked.getValue());
            }
        }
        assertThat(barn.started).isEmpty();
    }

    @Test
    void a_model_that_is_not_ready_does_not_stop_the_other() throws Exception {
        other.readiness = new Readiness.NotReady("It is being loaded.", 3);
        HttpResponse<String> ready = get("/readyz");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.body()).contains("but not other: It is being loaded.");
        assertThat(post("{'model':'other','prompt':'a'}").statusCode()).isEqualTo(503);
        assertThat(post("{'model':'barn-model','prompt':'a'}").statusCode()).isEqualTo(200);
        barn.readiness = new Readiness.NotReady("It is being loaded too.", 3);
        assertThat(get("/readyz").statusCode()).isEqualTo(503);
    }

    @Test
    void names_that_could_be_mistaken_are_refused() {
        for (String alias : List.of("barn-model", "a b", "a+b", "", "x".repeat(101))) {
            assertThatThrownBy(() -> new HostedModels(List.of(barn), Map.of(alias, "barn-model"))).as(alias)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'" + alias + "'");
        }
        assertThatThrownBy(() -> new HostedModels(List.of(barn, other), Map.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private HttpResponse<String> post(String json) throws Exception {
        return send(HttpRequest.newBuilder(uri(ApiTestServer.COMPLETIONS))
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))).build());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    private HttpResponse<String> send(HttpRequest request) throws Exception {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    /** A scripted model under another name. */
    private record Renamed(HostedModel model, String name, String digest) implements HostedModel {
        @Override
        public ModelDescription description() {
            ModelDescription own = model.description();
            return new ModelDescription(name, digest, own.architecture(), own.contextTokens(), own.vocabularySize(),
                    own.createdEpochSeconds(), own.chatTemplate(), own.beginToken(), own.endToken());
        }

        @Override
        public Readiness readiness() {
            return model.readiness();
        }

        @Override
        public ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) throws ModelUnavailableException {
            return model.tokenize(parts, addSpecial);
        }

        @Override
        public ByteString detokenize(ImmutableIntArray tokens) throws ModelUnavailableException {
            return model.detokenize(tokens);
        }

        @Override
        public Generation generate(GenerationRequest request, GenerationListener listener)
                throws ModelUnavailableException {
            return model.generate(request, listener);
        }
    }
}
