package org.barnraiser.operator.reconcile;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.barnraiser.operator.crd.Conditions;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.Pool;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.Names.Component;
import org.barnraiser.operator.scale.ScaleState;
import org.barnraiser.operator.watch.ClusterReport;

/** Puts what was seen and decided into a status. A pure function. */
final class StatusReport {
    private final InferenceCluster cluster;
    private final Observation seen;
    private final ScaleState scale;
    private final Map<String, Integer> wanted;
    private final Rolling.Step rolling;
    private final boolean modelChanges;
    private final Conditions conditions;

    /**
     * All that it is made of.
     *
     * @param wanted workers of each pool
     * @param modelChanges whether coordinators of another model are still going
     */
    StatusReport(InferenceCluster cluster, Observation seen, ScaleState scale, Map<String, Integer> wanted,
            Rolling.Step rolling, boolean modelChanges, Instant now) {
        this.cluster = cluster;
        this.seen = seen;
        this.scale = scale;
        this.wanted = wanted;
        this.rolling = rolling;
        this.modelChanges = modelChanges;
        this.conditions = new Conditions(cluster.status().at("conditions"), cluster.generation(), now);
    }

    JsonObject json() {
        Names names = Names.of(cluster);
        conditions.put("Valid", true, "Valid", "The spec is in order.");
        ready();
        modelFits();
        workersReady();
        upgraded();
        JsonObject status = new JsonObject();
        status.addProperty("observedGeneration", cluster.generation());
        status.addProperty("phase", phase());
        status.addProperty("replicas", seen.workers().size());
        status.addProperty("readyReplicas", readyWorkers());
        status.addProperty("updatedReplicas", seen.workers().size() - seen.outdated().size());
        status.addProperty("desiredReplicas", scale.desired());
        status.addProperty("neededReplicas", scale.needed());
        status.addProperty("externalWorkers", seen.external());
        status.addProperty("selector", names.selectorText(Component.WORKER));
        status.addProperty("endpoint", names.endpoint());
        status.addProperty("lastActive", coarse(scale.lastActive(), cluster.status().at("lastActive").text()));
        status.addProperty("lastBusy", coarse(scale.lastBusy(), cluster.status().at("lastBusy").text()));
        status.addProperty("lastScaled", scale.lastScaled().truncatedTo(ChronoUnit.SECONDS).toString());
        JsonObject model = new JsonObject();
        model.addProperty("source", cluster.spec().model().source());
        seen.report().ifPresent(report -> {
            model.addProperty("name", report.model());
            model.addProperty("digest", report.digest());
            status.addProperty("planEpoch", report.epoch());
            status.addProperty("tokensPerSecond", Math.round(report.tokensPerSecond() * 10) / 10.0);
            status.addProperty("running", report.running());
            status.addProperty("waiting", report.waiting());
            status.add("missing",
                    report.missing().<JsonElement>map(JsonPrimitive::new).orElse(JsonNull.INSTANCE));
        });
        status.add("model", model);
        status.add("pools", pools());
        status.add("conditions", conditions.json());
        return status;
    }

    /** Written every few seconds only while it moves on: each write wakes everyone who watches. */
    private static String coarse(Instant time, String before) {
        String now = time.truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            return !before.isEmpty() && Instant.parse(before).plusSeconds(5).isAfter(time)
                    && !Instant.parse(before).isAfter(time) ? before : now;
        } catch (java.time.DateTimeException _) {
            return now;
        }
    }

    private JsonArray pools() {
        JsonArray pools = new JsonArray();
        List<Observation.Pod> outdated = seen.outdated();
        for (Pool pool : cluster.spec().pools()) {
            List<Observation.Pod> pods = seen.workers().stream().filter(pod -> pod.pool().equals(pool.name())).toList();
            JsonObject entry = new JsonObject();
            entry.addProperty("name", pool.name());
            entry.addProperty("desired", wanted.getOrDefault(pool.name(), 0));
            entry.addProperty("replicas", pods.size());
            entry.addProperty("ready", seen.readyIn(pool.name()));
            entry.addProperty("updated", pods.stream().filter(pod -> !outdated.contains(pod)).count());
            pools.add(entry);
        }
        return pools;
    }

    private int readyWorkers() {
        return (int) seen.workers().stream().filter(pod -> pod.ready() && !pod.leaving()).count();
    }

    private boolean isServing() {
        return seen.report().filter(report -> report.ready() && digestFits(report)).isPresent();
    }

    private boolean digestFits(ClusterReport report) {
        String wantedDigest = cluster.spec().model().digest();
        return wantedDigest.isEmpty() || wantedDigest.equals(report.digest());
    }

    private String phase() {
        if (scale.asleep()) {
            return "Asleep";
        }
        if (modelChanges || !(rolling instanceof Rolling.Step.Done)) {
            return "Upgrading";
        }
        if (isServing()) {
            return "Ready";
        }
        if (seen.report().isEmpty()) {
            return "Pending";
        }
        if (seen.report().get().missing().isPresent() && seen.allRegistered(scale.desired())) {
            return "Degraded";
        }
        return seen.report().get().waiting() > 0 ? "Waking" : "Starting";
    }

    private void ready() {
        if (seen.report().isEmpty()) {
            conditions.put("Ready", false, "NoCoordinator", "No coordinator answers yet.");
            return;
        }
        ClusterReport report = seen.report().get();
        if (!digestFits(report)) {
            conditions.put("Ready", false, "DigestMismatch", "The model's digest is " + report.digest()
                    + ", and spec.model.digest says " + cluster.spec().model().digest() + ".");
        } else if (scale.asleep()) {
            conditions.put("Ready", false, "Asleep",
                    "Nobody was there for a while; the next request wakes the workers.");
        } else if (report.ready()) {
            conditions.put("Ready", true, "Serving", "The model answers.");
        } else {
            conditions.put("Ready", false, report.missing().isPresent() ? "ModelTooLarge" : "NotReady",
                    report.reason());
        }
    }

    private void modelFits() {
        if (scale.asleep() || seen.report().isEmpty()) {
            conditions.unknown("ModelFits", "NotKnown", "No plan can be made now.");
            return;
        }
        ClusterReport report = seen.report().get();
        if (report.ready()) {
            conditions.put("ModelFits", true, "Fits", "The plan of epoch " + report.epoch() + " has "
                    + report.stages().size() + (report.stages().size() == 1 ? " stage" : " stages")
                    + (report.pipelines() > 1 ? " in " + report.pipelines() + " pipelines." : "."));
        } else if (report.missing().isPresent()) {
            boolean atMost = cluster.spec().replicas().isPresent() || scale.desired() >= cluster.spec().maxWorkers();
            conditions.put("ModelFits", false, atMost ? "NotEnoughWorkers" : "WorkersAreComing", report.reason()
                    + (atMost ? " Allow more workers, or more memory for each." : ""));
        } else {
            conditions.unknown("ModelFits", "NotKnown", report.reason());
        }
    }

    private void workersReady() {
        int all = wanted.values().stream().mapToInt(Integer::intValue).sum();
        int ready = readyWorkers();
        String message = ready + " of " + all + " workers are ready.";
        if (all == 0) {
            conditions.put("WorkersReady", true, "Asleep", "No workers are wanted now.");
        } else if (ready == all && seen.workers().size() == all) {
            conditions.put("WorkersReady", true, "AllReady", message);
        } else {
            conditions.put("WorkersReady", false, ready > all ? "TooMany" : "NotAllReady", message);
        }
    }

    private void upgraded() {
        if (modelChanges) {
            conditions.put("Upgraded", false, "ModelChanges",
                    "Coordinators of the former model finish their answers before the new model is loaded.");
            return;
        }
        switch (rolling) {
            case Rolling.Step.Done() -> conditions.put("Upgraded", true, "UpToDate", "All workers are up to date.");
            case Rolling.Step.Wait(String why) -> conditions.put("Upgraded", false, "Rolling", why);
            case Rolling.Step.Replace(Observation.Pod pod, String why) -> conditions.put("Upgraded", false, "Rolling",
                    "Worker " + pod.name() + " is replaced: " + why + ".");
            case Rolling.Step.Surge(String why) -> conditions.put("Upgraded", false, "Rolling", why);
            case Rolling.Step.Held(String why) -> conditions.put("Upgraded", false, "NoSpareWorker", why);
        }
    }
}
