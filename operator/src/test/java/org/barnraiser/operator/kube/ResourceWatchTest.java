package org.barnraiser.operator.kube;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A server that says what real ones say seldom. */
class ResourceWatchTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String FIRST = object("a", "1", "");
    /** A field and a kind of value that nobody here knows. */
    private static final String STRANGE = object("b", "7", ",\"spec\":{\"quantum\":{\"x\":[1,{}]}},\"futureField\":7");

    private final Queue<String> watches = new ConcurrentLinkedQueue<>();
    private final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final Queue<String> keys = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private ResourceWatch watch;

    private static String object(String name, String version, String more) {
        return "{\"metadata\":{\"namespace\":\"n\",\"name\":\"%s\",\"resourceVersion\":\"%s\",\"unknown\":[]}%s}"
                .formatted(name, version, more);
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/things", this::answer);
        server.start();
        ApiClient client = new ApiClient().setBasePath("http://127.0.0.1:" + server.getAddress().getPort());
        watch = new ResourceWatch(new KubeApi(client), "/things", keys::add);
    }

    @AfterEach
    void stop() {
        watch.close();
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        asked.add(query);
        boolean watching = query.contains("watch=true");
        String body = watching
                ? watches.poll()
                : "{\"metadata\":{\"resourceVersion\":\"5\"},\"items\":[" + FIRST + "]}";
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        if (body != null) {
            out.write((body + "\n").getBytes(StandardCharsets.UTF_8));
            exchange.close();
        } else {
            // Nothing more to say: the stream stays open.
            out.flush();
        }
    }

    @Test
    void a_past_that_is_gone_has_everything_listed_again_and_the_watch_goes_on_from_there() {
        watches.add("{\"type\":\"ADDED\",\"object\":" + STRANGE + "}");
        watches.add("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"message\":\"too old\"}}");
        watch.start();
        Awaitility.await().atMost(PATIENCE).until(() -> watch.lists() == 2);
        assertThat(asked).anyMatch(query -> query.contains("resourceVersion=7"));
        Awaitility.await().atMost(PATIENCE).until(() -> keys.contains("n/b") && watch.get("n/b").isEmpty());
        assertThat(watch.get("n/a")).isPresent();
    }

    @Test
    void unknown_fields_do_no_harm_and_nonsense_costs_no_more_than_a_new_watch() {
        watches.add("{\"type\":\"MODIFIED\",\"object\":" + STRANGE + "}\nthis is no JSON");
        watch.start();
        Awaitility.await().atMost(PATIENCE).until(() -> watch.get("n/b").isPresent());
        Awaitility.await().atMost(PATIENCE).until(() -> asked.stream().filter(query -> query.contains("watch=true"))
                .count() >= 2);
        assertThat(watch.get("n/b").orElseThrow().at("futureField").count(0)).isEqualTo(7);
        assertThat(watch.lists()).isEqualTo(1);
    }
}
