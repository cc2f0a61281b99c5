package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.hash.Hashing;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.barnraiser.coordinator.cli.Barn;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.receipt.Receipts;
import org.barnraiser.trust.Authority;
import org.barnraiser.trust.Credentials;
import org.barnraiser.trust.Fingerprint;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;
import org.barnraiser.trust.Seal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.coordinator.api.ApiTestServer.COMPLETIONS;
import static org.barnraiser.coordinator.api.ApiTestServer.json;

/** Receipts, as readers get them and as {@code barn verify} checks them. The scripted model answers "Hello" in two tokens. */
class ReceiptsTest {
    private static final String REQUEST = "{\"prompt\":\"a secret question\",\"temperature\":0.5,\"max_tokens\":9}";

    @TempDir
    private Path folder;

    private final ScriptedModel model = new ScriptedModel();
    private final AtomicLong epoch = new AtomicLong(3);
    private final HttpClient client = HttpClient.newHttpClient();
    private Authority authority;
    private Credentials credentials;
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        authority = Authority.openOrCreate(folder.resolve("trust"), InstantSource.system());
        credentials = credentials(Role.COORDINATOR);
        server = start((purpose, content) -> Optional.of(Seal.of(credentials, purpose, content)));
    }

    private Credentials credentials(Role role) throws Exception {
        return authority.credentials(new Identity(role, "someone"), Duration.ofDays(1));
    }

    private HttpServer start(Receipts.Sealer sealer) {
        return new HttpServer(HttpServerConfig.onPort(0), model, this::status)
                .withReceipts(new Receipts(sealer, "auto", Map.of(ScriptedModel.DIGEST, "Q4_K"))).start();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private ClusterStatus status() {
        ClusterStatus status = ApiTestServer.status();
        return new ClusterStatus(status.model(),
                new ClusterStatus.Plan(epoch.get(), status.plan().pipelines().stream()
                        .map(pipeline -> new ClusterStatus.Pipeline(1, epoch.get(), pipeline.stages())).toList()),
                status.workers(),
                status.coordinators(), status.activity(), status.troubles());
    }

    @Test
    void a_receipt_tells_with_what_an_answer_was_made_and_not_a_word_of_it() throws Exception {
        HttpResponse<String> answer = ask(asking(REQUEST));
        JsonNode content = json(answer).path("receipt").path("content");
        assertThat(content.path("model").path("digest").asText()).isEqualTo("sha256:" + ScriptedModel.DIGEST);
        assertThat(content.path("model").path("quantisation").asText()).isEqualTo("Q4_K");
        assertThat(content.path("wire").asText()).isEqualTo("auto");
        assertThat(content.path("sampling").path("temperature").asText()).isEqualTo("0.5");
        JsonNode stage = content.path("plans").path(0).path("stages").path(0);
        assertThat(stage.toString())
                .isEqualTo("{\"worker\":\"w1\",\"first\":0,\"last\":2,\"engine\":\"b4916\"}");
        JsonNode made = content.path("answers").path(0);
        assertThat(made.path("prompt_tokens").asInt()).isEqualTo("a secret question".length());
        assertThat(made.path("completion_tokens").asInt()).isEqualTo(2);
        assertThat(made.path("text_sha256").asText()).isEqualTo(sha256("Hello"));
        assertThat(made.path("seed").asText()).isEqualTo(
                Long.toUnsignedString(model.started.getFirst().request.sampling().getSeed()));
        assertThat(json(answer).path("receipt").toString()).doesNotContain("Hello").doesNotContain("secret");
    }

    @Test
    void only_those_who_ask_get_one_by_field_or_by_header() throws Exception {
        assertThat(json(ask(REQUEST)).has("receipt")).isFalse();
        HttpRequest.Builder request = HttpRequest.newBuilder(uri()).header("X-Barnraiser-Receipt", "true");
        assertThat(json(send(request, REQUEST)).path("receipt").path("seal").isObject()).isTrue();
    }

    @Test
    void a_stream_ends_with_the_same_receipt() throws Exception {
        HttpResponse<String> stream = ask(asking(REQUEST).replaceFirst("\\{", "{\"stream\":true,"));
        List<String> events = ApiTestServer.events(stream);
        assertThat(events.getLast()).isEqualTo("[DONE]");
        JsonNode last = json(events.get(events.size() - 2));
        assertThat(last.path("choices")).isEmpty();
        assertThat(last.path("receipt").path("content").path("answers").path(0).path("text_sha256").asText())
                .isEqualTo(sha256("Hello"));
        assertThat(verify(last.path("receipt").toString(), "--fingerprint", fingerprint())).isZero();
    }

    @Test
    void an_answer_that_crossed_plans_lists_all_of_them() throws Exception {
        model.script = speaker -> {
            speaker.say("Hel").pause("A worker is gone.");
            epoch.incrementAndGet();
            speaker.resume().pause("Another one.");
            epoch.incrementAndGet();
            speaker.resume().say("lo");
            return new GenerationEnd.EndOfGeneration();
        };
        assertThat(json(ask(asking(REQUEST))).path("receipt").path("content").path("plans").findValuesAsText("epoch"))
                .containsExactly("3", "4", "5");
    }

    @Test
    void each_choice_has_a_seed_of_its_own() throws Exception {
        JsonNode answers = json(ask("{\"prompt\":\"a\",\"n\":2,\"seed\":7,\"receipt\":true}")).path("receipt")
                .path("content").path("answers");
        assertThat(answers.findValuesAsText("seed")).containsExactly("7", "8");
    }

    @Test
    void a_receipt_that_was_changed_does_not_hold() throws Exception {
        String receipt = ask(asking(REQUEST)).body();
        assertThat(verify(receipt, "--fingerprint", fingerprint())).isZero();
        assertThat(verify(receipt.replace("\"Q4_K\"", "\"F16\""), "--fingerprint", fingerprint())).isEqualTo(1);
        assertThat(said()).contains("does not hold");
    }

    @Test
    void a_receipt_of_another_cluster_or_of_no_known_one_does_not_pass() throws Exception {
        String receipt = ask(asking(REQUEST)).body();
        assertThat(verify(receipt, "--fingerprint", "ab".repeat(32))).isEqualTo(1);
        assertThat(verify(receipt)).isEqualTo(1);
        assertThat(said()).contains("--fingerprint", fingerprint());
    }

    @Test
    void a_worker_cannot_vouch_for_an_answer() throws Exception {
        credentials = credentials(Role.WORKER);
        assertThat(verify(ask(asking(REQUEST)).body(), "--fingerprint", fingerprint())).isEqualTo(1);
        assertThat(said()).contains("only coordinators may");
    }

    @Test
    void without_certificates_nobody_vouches_and_that_is_said() throws Exception {
        server.close();
        server = start((_, _) -> Optional.empty());
        String receipt = ask(asking(REQUEST)).body();
        assertThat(verify(receipt, "--fingerprint", fingerprint())).isEqualTo(1);
        assertThat(said()).contains("not signed");
        assertThat(verify(receipt, "--unsigned")).isZero();
    }

    @Test
    void what_is_asked_again_is_compared_by_digests() throws Exception {
        String receipt = ask(asking(REQUEST)).body();
        Path request = Files.writeString(folder.resolve("request.json"), REQUEST);
        String[] again = {"--fingerprint", fingerprint(), "--replay", request.toString(), "--path", COMPLETIONS,
                "--url", "http://127.0.0.1:" + server.port()};
        assertThat(verify(receipt, again)).isZero();
        assertThat(said()).contains("the same, word for word");
        assertThat(model.started.get(1).request).isEqualTo(model.started.get(0).request);
        model.script = speaker -> {
            speaker.say("Hullo");
            return new GenerationEnd.EndOfGeneration();
        };
        assertThat(verify(receipt, again)).isEqualTo(1);
        assertThat(said()).contains("text_sha256 of answer 0", "the answer is another");
    }

    private StringWriter output = new StringWriter();

    private int verify(String receipt, String... options) throws Exception {
        Path file = Files.writeString(folder.resolve("receipt.json"), receipt);
        List<String> arguments = new ArrayList<>(List.of("verify", file.toString()));
        arguments.addAll(List.of(options));
        output = new StringWriter();
        CommandLine line = barn();
        return line.setOut(new PrintWriter(output)).setErr(new PrintWriter(output))
                .execute(arguments.toArray(String[]::new));
    }

    private static CommandLine barn() throws Exception {
        var constructor = Barn.class.getDeclaredConstructor();
        constructor.setAccessible(true);
        return Barn.commandLine(constructor.newInstance());
    }

    private String said() {
        return output.toString();
    }

    private String fingerprint() {
        return Fingerprint.of(authority.certificate());
    }

    private static String asking(String request) {
        return request.replaceFirst("\\{", "{\"receipt\":true,");
    }

    private HttpResponse<String> ask(String json) throws Exception {
        return send(HttpRequest.newBuilder(uri()), json);
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String json) throws Exception {
        HttpResponse<String> answer = client.send(request.POST(HttpRequest.BodyPublishers.ofString(json)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.port() + COMPLETIONS);
    }

    private static String sha256(String text) {
        return Hashing.sha256().hashString(text, StandardCharsets.UTF_8).toString();
    }
}
