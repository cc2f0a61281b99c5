package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.api.contract.Contract;
import org.barnraiser.coordinator.api.contract.Contracts;
import org.barnraiser.coordinator.api.contract.FieldContract;
import org.barnraiser.coordinator.api.contract.FieldTables;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.json;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** What is written of every field is so. */
class ContractTest {
    /** Of no field's type. */
    private static final String NONSENSE = "{\"no\":{\"such\":[null]}}";
    private static final ApiTestServer SERVER = new ApiTestServer(
            "{% for m in messages %}{{ m.role }}:{{ m.content }}\n{% endfor %}");
    private static final ScriptedModel.Script WORDS = SERVER.model.script;

    static {
        SERVER.model.hasMiddle = true;
    }

    @AfterAll
    static void stop() {
        SERVER.close();
    }

    private static Stream<Arguments> fields() {
        return Contracts.ALL.stream().flatMap(contract -> contract.fields().stream()
                .map(field -> arguments(contract.path(), field.name(), contract, field)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("fields")
    void every_field_is_what_the_docs_say(String path, String name, Contract contract, FieldContract field) {
        HttpResponse<String> asShown = post(contract, name, field.example());

        switch (field.support()) {
            case SUPPORTED -> {
                assertThat(asShown.statusCode()).as(asShown.body()).isEqualTo(200);
                if (!field.schema().path("type").toString().contains("object")) {
                    assertRefused(post(contract, name, json(NONSENSE)), name);
                } else {
                    assertRefused(post(contract, name, json("7")), name);
                }
            }
            case IGNORED -> {
                assertThat(asShown.statusCode()).as(asShown.body()).isEqualTo(200);
                assertThat(post(contract, name, json(NONSENSE)).statusCode()).isEqualTo(200);
            }
            case REFUSED -> {
                assertRefused(asShown, name);
                assertThat(json(asShown).path("error").path("message").asText()).contains(field.note());
                field.harmless().ifPresent(
                        value -> assertThat(post(contract, name, value).statusCode()).isEqualTo(200));
            }
        }
    }

    @Test
    void every_example_is_answered() {
        for (Contract contract : Contracts.ALL) {
            HttpResponse<String> response = send(contract, contract.example());
            assertThat(response.statusCode()).as(contract.path() + response.body()).isEqualTo(200);
        }
    }

    @Test
    void the_docs_have_every_field() throws IOException {
        Path docs = Path.of("../docs/api-fields.md");
        String page = FieldTables.page(Contracts.ALL);
        Path made = Files.writeString(Path.of("target/api-fields.md"), page);
        assertThat(docs).as("cp coordinator/" + made + " docs/").hasContent(page);
    }

    @Test
    void the_openapi_document_has_every_route_and_no_other() {
        JsonNode document = json(SERVER.get("/openapi.json"));

        assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
        Set<String> described = new TreeSet<>();
        document.path("paths").properties().forEach(path -> path.getValue().fieldNames()
                .forEachRemaining(method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> served = SERVER.server.routes().stream().map(route -> route.replace('<', '{').replace('>', '}'))
                .filter(route -> route.matches(".* /(v1|api|metrics|healthz|readyz|openapi.json).*"))
                .filter(route -> !route.matches("GET /api/(branding|settings)")).collect(Collectors.toSet());
        assertThat(described).isEqualTo(new TreeSet<>(served));
        List<String> examples = new ArrayList<>();
        for (JsonNode path : document.path("paths")) {
            JsonNode body = path.path("post").path("requestBody").path("content").path("application/json");
            if (!body.isMissingNode()) {
                examples.add(body.path("example").toString());
                assertThat(body.path("schema").path("properties")).isNotEmpty();
            }
        }
        assertThat(examples).hasSize(Contracts.ALL.size());
    }

    private static HttpResponse<String> post(Contract contract, String field, JsonNode value) {
        ObjectNode request = contract.example().deepCopy();
        request.set(field, value);
        if (field.equals("top_logprobs") && contract.path().endsWith("/chat/completions")) {
            request.put("logprobs", true);
        }
        return send(contract, request);
    }

    private static HttpResponse<String> send(Contract contract, ObjectNode request) {
        SERVER.model.script = contract.path().endsWith("/embeddings") ? ContractTest::mean : WORDS;
        return SERVER.post(contract.path(), request.toString());
    }

    private static GenerationEnd mean(ScriptedModel.Speaker speaker) {
        speaker.mean(1f, 0f);
        return new GenerationEnd.EndOfGeneration();
    }

    private static void assertRefused(HttpResponse<String> response, String field) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        assertThat(json(response).path("error").path("param").asText()).startsWith(field);
    }
}
