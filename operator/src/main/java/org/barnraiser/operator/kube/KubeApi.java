package org.barnraiser.operator.kube;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.Pair;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the API server, with paths as its documentation has them. Answers are {@link Tree}s, as the client's own models refuse
 * fields of newer servers. Calls block, for ten seconds at most; from any thread.
 */
public final class KubeApi {
    /** Owner of the fields that the operator sets. */
    public static final String FIELD_MANAGER = "barnraiser-operator";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration PING = Duration.ofSeconds(10);
    private static final String JSON = "application/json";
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String MERGE = "application/merge-patch+json";

    private final ApiClient client;
    private final OkHttpClient calls;
    private final OkHttpClient streams;

    /** @param client knows the server and how to log in */
    public KubeApi(ApiClient client) {
        this.client = client;
        this.calls = client.getHttpClient().newBuilder().connectTimeout(PATIENCE).readTimeout(PATIENCE)
                .writeTimeout(PATIENCE).callTimeout(PATIENCE).build();
        // A server that hangs is found out by pings long before a watch would end by itself.
        this.streams = calls.newBuilder().readTimeout(Duration.ZERO).callTimeout(Duration.ZERO).pingInterval(PING)
                .build();
    }

    /** The same server under other limits of time. */
    public KubeApi within(Duration patience) {
        return new KubeApi(client, calls.newBuilder().connectTimeout(patience).readTimeout(patience)
                .writeTimeout(patience).callTimeout(patience).build(), streams);
    }

    private KubeApi(ApiClient client, OkHttpClient calls, OkHttpClient streams) {
        this.client = client;
        this.calls = calls;
        this.streams = streams;
    }

    /** Empty when there is no such thing. */
    public Optional<Tree> get(String path) throws KubeException {
        try {
            return Optional.of(call("GET", path, Map.of(), null, JSON));
        } catch (KubeException e) {
            if (e.status() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** @param labels a label selector; empty for all */
    public List<Tree> list(String path, String labels) throws KubeException {
        return call("GET", path, labels.isEmpty() ? Map.of() : Map.of("labelSelector", labels), null, JSON).at("items")
                .items();
    }

    /** The whole list object, resource version included. */
    public Tree listing(String path) throws KubeException {
        return call("GET", path, Map.of(), null, JSON);
    }

    /** Server-side apply; takes fields over from other managers. */
    public Tree apply(String path, JsonObject body) throws KubeException {
        return call("PATCH", path, Map.of("fieldManager", FIELD_MANAGER, "force", "true"), body.toString(), APPLY);
    }

    public Tree mergePatch(String path, JsonObject patch) throws KubeException {
        return call("PATCH", path, Map.of("fieldManager", FIELD_MANAGER), patch.toString(), MERGE);
    }

    /** @param path of the collection */
    public Tree create(String path, JsonObject body) throws KubeException {
        return call("POST", path, Map.of("fieldManager", FIELD_MANAGER), body.toString(), JSON);
    }

    /** Fails with a conflict when the body's resource version is not the newest. */
    public Tree replace(String path, JsonObject body) throws KubeException {
        return call("PUT", path, Map.of("fieldManager", FIELD_MANAGER), body.toString(), JSON);
    }

    /**
     * Deletes in the background what belongs to it, too.
     *
     * @param graceSeconds instead of its own
     * @return whether there was such a thing
     */
    public boolean delete(String path, OptionalInt graceSeconds) throws KubeException {
        JsonObject options = new JsonObject();
        options.addProperty("propagationPolicy", "Background");
        graceSeconds.ifPresent(seconds -> options.addProperty("gracePeriodSeconds", seconds));
        try {
            call("DELETE", path, Map.of(), options.toString(), JSON);
            return true;
        } catch (KubeException e) {
            if (e.status() == 404) {
                return false;
            }
            throw e;
        }
    }

    /** Opens a stream of events, one line of JSON each; to be closed. */
    Response watch(String path, String resourceVersion, int timeoutSeconds) throws KubeException {
        Map<String, String> query = new HashMap<>();
        query.put("watch", "true");
        query.put("allowWatchBookmarks", "true");
        query.put("timeoutSeconds", Integer.toString(timeoutSeconds));
        if (!resourceVersion.isEmpty()) {
            query.put("resourceVersion", resourceVersion);
        }
        Request request = request("GET", path, query, null, JSON);
        try {
            Response response = streams.newCall(request).execute();
            if (!response.isSuccessful()) {
                try (response) {
                    throw refusal(response.code(), path, response.body().string());
                }
            }
            return response;
        } catch (IOException e) {
            throw unreachable(path, e);
        }
    }

    /** Whether streams notice by themselves that the server hangs. */
    static boolean pings(Response stream) {
        return stream.protocol() == Protocol.HTTP_2;
    }

    private Tree call(String method, String path, Map<String, String> query, @Nullable String body, String type)
            throws KubeException {
        try (Response response = calls.newCall(request(method, path, query, body, type)).execute()) {
            String text = response.body().string();
            if (!response.isSuccessful()) {
                throw refusal(response.code(), path, text);
            }
            return Tree.parse(text);
        } catch (IOException e) {
            throw unreachable(path, e);
        } catch (IllegalArgumentException e) {
            throw new KubeException("The API server answered " + path + " with what is " + e.getMessage(), e);
        }
    }

    private Request request(String method, String path, Map<String, String> query, @Nullable String body, String type)
            throws KubeException {
        List<Pair> pairs = new ArrayList<>();
        query.forEach((name, value) -> pairs.addAll(client.parameterToPair(name, value)));
        Map<String, String> headers = new HashMap<>(Map.of("Accept", JSON));
        try {
            // Asked for as a GET, as the client knows no body of server-side apply.
            Request login = client.buildRequest(null, path, "GET", pairs, List.of(), null, headers, new HashMap<>(),
                    new HashMap<>(), new String[]{"BearerToken"}, null);
            if (body == null) {
                return login;
            }
            return login.newBuilder().method(method, RequestBody.create(body, MediaType.get(type))).build();
        } catch (ApiException e) {
            throw new KubeException("A request for " + path + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static KubeException refusal(int status, String path, String body) {
        String reason = body;
        try {
            reason = Tree.parse(body).at("message").text(body);
        } catch (IllegalArgumentException _) {
            // Not every answer comes from the API server itself.
        }
        return new KubeException(status, "The API server answers " + status + " for " + path + ": " + reason.strip());
    }

    private static KubeException unreachable(String path, IOException e) {
        return new KubeException("The API server does not answer for " + path + ": " + e.getMessage() + ".", e);
    }
}
