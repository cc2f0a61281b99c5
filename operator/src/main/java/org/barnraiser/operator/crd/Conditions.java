package org.barnraiser.operator.crd;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.barnraiser.operator.kube.Tree;

/** Conditions of a status, as Kubernetes has them; the time of a transition stays until a condition's status changes. */
public final class Conditions {
    private static final int MAX_MESSAGE = 2_000;

    private final Map<String, JsonObject> conditions = new LinkedHashMap<>();
    private final Tree before;
    private final long generation;
    private final String now;

    /** @param before the conditions that were written last */
    public Conditions(Tree before, long generation, Instant now) {
        this.before = before;
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    public Conditions put(String type, boolean status, String reason, String message) {
        return put(type, status ? "True" : "False", reason, message);
    }

    public Conditions unknown(String type, String reason, String message) {
        return put(type, "Unknown", reason, message);
    }

    private Conditions put(String type, String status, String reason, String message) {
        JsonObject condition = new JsonObject();
        condition.addProperty("type", type);
        condition.addProperty("status", status);
        condition.addProperty("observedGeneration", generation);
        condition.addProperty("lastTransitionTime", since(type, status));
        condition.addProperty("reason", reason);
        condition.addProperty("message",
                message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) + "…" : message);
        conditions.put(type, condition);
        return this;
    }

    private String since(String type, String status) {
        return before.items().stream()
                .filter(old -> old.at("type").text().equals(type) && old.at("status").text().equals(status))
                .map(old -> old.at("lastTransitionTime").text(now)).findFirst().orElse(now);
    }

    public JsonArray json() {
        JsonArray all = new JsonArray();
        conditions.values().forEach(all::add);
        return all;
    }
}
