package org.barnraiser.operator.cluster;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;

/** Gives the operator's account what its page says that it may do, which is what the chart gives it, and nothing else. */
final class OperatorRights {
    private static final Pattern ROW = Pattern
            .compile("(?m)^\\| `([a-z0-9.]*)` \\| (`[^|]*`)[^|]* \\| ([a-z, ]+) \\|$");
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/";

    private OperatorRights() {}

    static void give(KubeApi api, String user) throws KubeException, IOException {
        JsonArray rules = new JsonArray();
        Matcher row = ROW.matcher(Files.readString(Path.of("README.md")));
        while (row.find()) {
            JsonObject rule = new JsonObject();
            rule.add("apiGroups", array(List.of(row.group(1))));
            rule.add("resources", array(List.of(row.group(2).replace("`", "").split(", "))));
            rule.add("verbs", array(List.of(row.group(3).split(", "))));
            rules.add(rule);
        }
        if (rules.size() < 10) {
            throw new AssertionError("README.md does not say what the operator may do: " + rules);
        }
        JsonObject role = Tree.parse("""
                                     {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole",
                                      "metadata":{"name":"operator"}}""").object();
        role.add("rules", rules);
        var _ = api.create(RBAC + "clusterroles", role);
        var _ = api.create(RBAC + "clusterrolebindings", Tree.parse(
                """
                {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"operator"},
                 "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"operator"},
                 "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"%s"}]}""".formatted(user))
                .object());
    }

    private static JsonArray array(List<String> words) {
        JsonArray array = new JsonArray();
        words.forEach(array::add);
        return array;
    }
}
