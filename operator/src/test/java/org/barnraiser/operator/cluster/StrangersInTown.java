package org.barnraiser.operator.cluster;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.ResourceWatch;
import org.barnraiser.operator.kube.Tree;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Others who change the same objects, and a server that has forgotten. */
abstract class StrangersInTown extends Town {
    private static final String SERVICE = "/api/v1/namespaces/default/services/town-coordinator";
    private static final String WORKERS = "/apis/apps/v1/namespaces/default/statefulsets/town-worker-old";
    private static final String LABELLED = """
                                           {"apiVersion":"apps/v1","kind":"StatefulSet",
                                            "metadata":{"name":"town-worker-old","labels":{"app.kubernetes.io/part-of":"theirs"}}}""";
    private static final String EXPOSED = """
                                          {"apiVersion":"v1","kind":"Service","metadata":{"name":"town-coordinator",
                                            "annotations":{"example.org/note":"theirs"}},
                                           "spec":{"ports":[{"port":8080,"protocol":"TCP","name":"web"}]}}""";

    /** Server-side apply by somebody who is not the operator; the status of the answer. */
    private static int applyAsStranger(String path, String body, boolean force) throws IOException {
        ApiClient client = adminClient();
        Request request = new Request.Builder()
                .url(client.getBasePath() + path + "?fieldManager=stranger&force=" + force)
                .header("Authorization", "Bearer admin")
                .patch(RequestBody.create(body, MediaType.get("application/apply-patch+yaml"))).build();
        try (Response answer = client.getHttpClient().newCall(request).execute()) {
            return answer.code();
        }
    }

    @Test
    @Order(24)
    void what_the_operator_owns_is_not_changed_by_mistake() throws Exception {
        assertThat(applyAsStranger(SERVICE, EXPOSED, false)).as("a conflict").isEqualTo(409);
        assertThat(applyAsStranger(WORKERS, LABELLED, false)).as("a conflict").isEqualTo(409);
        // By force it is; what the operator makes of that is asked later, when it has looked at everything again.
        assertThat(applyAsStranger(SERVICE, EXPOSED, true)).isEqualTo(200);
        assertThat(applyAsStranger(WORKERS, LABELLED, true)).isEqualTo(200);
    }

    @Test
    @Order(84)
    void what_somebody_else_has_changed_by_force_is_set_right_and_what_is_theirs_stays() throws Exception {
        await("the port has its name again", () -> api.get(SERVICE).orElseThrow().at("spec", "ports").items().getFirst()
                .at("name").text().equals("http"));
        await("the label is the operator's", () -> "barnraiser".equals(api.get(WORKERS).orElseThrow()
                .at("metadata", "labels").texts().get("app.kubernetes.io/part-of")));
        assertThat(api.get(SERVICE).orElseThrow().at("metadata", "annotations").texts())
                .containsEntry("example.org/note", "theirs");
    }

    @Test
    @Order(25)
    void a_change_of_what_has_changed_meanwhile_is_a_conflict() throws Exception {
        String maps = "/api/v1/namespaces/default/configmaps";
        Tree first = api.create(maps, map("1").object());
        JsonObject outdated = map("2").object();
        outdated.getAsJsonObject("metadata").addProperty("resourceVersion",
                first.at("metadata", "resourceVersion").text());
        Tree second = api.replace(maps + "/note", outdated.deepCopy());
        assertThat(second.at("data", "version").text()).isEqualTo("2");
        assertConflict(() -> api.replace(maps + "/note", outdated));
        assertConflict(() -> api.mergePatch(maps + "/note", outdated));
        assertConflict(() -> api.create(maps, map("3").object()));
        assertThat(api.get(maps + "/note").orElseThrow().at("data", "version").text()).isEqualTo("2");
    }

    private static Tree map(String version) {
        return Tree.parse("{\"metadata\":{\"name\":\"note\"},\"data\":{\"version\":\"" + version + "\"}}");
    }

    private static void assertConflict(org.assertj.core.api.ThrowableAssert.ThrowingCallable change) {
        assertThatThrownBy(change).isInstanceOfSatisfying(KubeException.class,
                refused -> assertThat(refused.isConflict()).as(refused.getMessage()).isTrue());
    }

    @Test
    @Order(26)
    void a_watch_from_a_past_that_the_server_has_forgotten_lists_and_goes_on() throws Exception {
        Queue<String> keys = new ConcurrentLinkedQueue<>();
        try (ResourceWatch watch = new ResourceWatch(api, CLUSTERS, keys::add).startFrom("1")) {
            await("everything was listed", () -> watch.lists() == 1 && watch.get("default/town").isPresent());
            keys.clear();
            api.mergePatch(CLUSTERS + "/town", Tree.parse("{\"metadata\":{\"labels\":{\"seen\":\"yes\"}}}").object());
            await("it hears of changes", () -> keys.contains("default/town") && watch.get("default/town").orElseThrow()
                    .at("metadata", "labels").texts().equals(labels()));
            assertThat(watch.lists()).isEqualTo(1);
        }
    }

    private static Map<String, String> labels() throws KubeException {
        return cluster().at("metadata", "labels").texts();
    }
}
