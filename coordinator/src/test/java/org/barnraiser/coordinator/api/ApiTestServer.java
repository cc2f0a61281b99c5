package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.proto.Wish;

/** A real server in front of a scripted model, and the verbs of a client. */
final class ApiTestServer implements AutoCloseable {
    static final String COMPLETIONS = "/v1/completions";
    static final String CHAT = "/v1/chat/completions";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    final ScriptedModel model;
    final List<String> wishes = new CopyOnWriteArrayList<>();
    final HttpServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    ApiTestServer() {
        this(config -> config);
    }

    ApiTestServer(UnaryOperator<HttpServerConfig> change) {
        this(change, Members.none());
    }

    /** Serves those whom these members' keys let in. */
    ApiTestServer(Members members) {
        this(config -> config, members);
    }

    /** Hosts a model with this chat template. */
    ApiTestServer(String template) {
        this(config -> config, Members.none(), new ScriptedModel(template));
    }

    ApiTestServer(UnaryOperator<HttpServerConfig> change, Members members) {
        this(change, members, new ScriptedModel());
    }

    private ApiTestServer(UnaryOperator<HttpServerConfig> change, Members members, ScriptedModel model) {
        this.model = model;
        HttpServerConfig config = new HttpServerConfig("127.0.0.1", 0, 64 << 10, 100, Duration.ofMillis(100),
                Duration.ofSeconds(20), Duration.ofMinutes(1), 64, Duration.ofSeconds(2), Duration.ofMinutes(1));
        server = new HttpServer(change.apply(config), model, ApiTestServer::status).withWishes(this::tell)
                .withRemoval(worker -> tell(worker, Wish.WISH_RECLAIM)).withMembers(members).start();
    }

    /** Knows the worker w1, and reaches it when it is to be lent. */
    private WorkerWishes.Outcome tell(String worker, Wish wish) {
        wishes.add(worker + " " + wish);
        if (!worker.equals("w1")) {
            return new WorkerWishes.Outcome.Unknown();
        }
        return wish == Wish.WISH_LEND
                ? new WorkerWishes.Outcome.NotTold("Worker w1 was not told: it sleeps.")
                : new WorkerWishes.Outcome.Told();
    }

    static ClusterStatus status() {
        return new ClusterStatus(new ClusterStatus.Model(ScriptedModel.NAME, ScriptedModel.DIGEST, true, ""),
                new ClusterStatus.Plan(3,
                        List.of(new ClusterStatus.Pipeline(1, 1,
                                List.of(new ClusterStatus.Stage("w1", 0, 2, 17, "127.0.0.1:9000", 0, 0, 0))))),
                List.of(new ClusterStatus.Worker("w1", "127.0.0.1:9000", 17, "b4916", 1 << 30,
                        Map.of("room", "hall"), "host", "stage", "",
                        "It was named with --llama-lib.")),
                List.of(), ClusterStatus.Activity.NONE, List.of());
    }

    HttpResponse<String> get(String path) {
        return send(HttpRequest.newBuilder(uri(path)).build());
    }

    /** Single quotes stand for double ones. */
    HttpResponse<String> post(String path, String json) {
        return send(HttpRequest.newBuilder(uri(path)).POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build());
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new AssertionError(failed);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** A connection of our own on which a request was sent. */
    Socket rawPost(String path, String json) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(rawRequest(path, json));
        return socket;
    }

    static byte[] rawRequest(String path, String json) {
        String body = json.replace('\'', '"');
        return ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body).getBytes(StandardCharsets.UTF_8);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    static JsonNode json(HttpResponse<String> response) {
        return json(response.body());
    }

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException invalid) {
            throw new AssertionError(text, invalid);
        }
    }

    /** The data of a stream's events in order, comments left out. */
    static List<String> events(HttpResponse<String> response) {
        return response.body().lines().filter(line -> line.startsWith("data: ")).map(line -> line.substring(6))
                .toList();
    }

    /** The text of a stream's first choice. */
    static String streamedText(HttpResponse<String> response) {
        StringBuilder text = new StringBuilder();
        for (String event : events(response)) {
            if (!event.equals("[DONE]")) {
                JsonNode choice = json(event).path("choices").path(0);
                text.append(choice.path("text").asText("")).append(choice.path("delta").path("content").asText(""));
            }
        }
        return text.toString();
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
