package org.barnraiser.operator.reconcile;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.barnraiser.operator.crd.Conditions;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.crd.SpecCheck;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.manifests.Leftovers;
import org.barnraiser.operator.manifests.Manifest;
import org.barnraiser.operator.manifests.Manifests;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.Names.Component;
import org.barnraiser.operator.manifests.Settings;
import org.barnraiser.operator.scale.Demand;
import org.barnraiser.operator.scale.PoolSpread;
import org.barnraiser.operator.scale.ScaleRules;
import org.barnraiser.operator.scale.ScaleState;
import org.barnraiser.operator.scale.Scaling;
import org.barnraiser.operator.watch.Coordinators;
import org.barnraiser.trust.TrustException;

/**
 * Looks after one InferenceCluster: sees, decides, does, tells. Everything that must outlive this process is in the resource. Used by one
 * thread at a time.
 */
final class ClusterReconciler {
    private final KubeApi api;
    private final Coordinators coordinators;
    private final Settings settings;
    private final Events events;
    private final Teardown teardown;
    private final Applier applier;
    private final SecretKeeper secrets;
    private final SilentWorkers silent;

    /** @param silence how long a worker may give no sign of life before its pod is replaced */
    ClusterReconciler(KubeApi api, Coordinators coordinators, Settings settings, Events events, Duration silence) {
        this.api = api;
        this.coordinators = coordinators;
        this.settings = settings;
        this.events = events;
        this.teardown = new Teardown(api, events);
        this.applier = new Applier(api);
        this.secrets = new SecretKeeper(api);
        this.silent = new SilentWorkers(silence);
    }

    /** One look, and what follows from it. Blocks. */
    void reconcile(InferenceCluster cluster) throws KubeException, InterruptedException {
        if (cluster.deletingSince().isPresent()) {
            teardown.step(cluster);
            return;
        }
        List<String> complaints = SpecCheck.complaints(cluster);
        if (!complaints.isEmpty()) {
            writeStatus(api, cluster, told(cluster, "Pending", "InvalidSpec", String.join(" ", complaints), false));
            return;
        }
        if (cluster.spec().paused()) {
            writeStatus(api, cluster,
                    told(cluster, "Paused", "Paused", "The operator is told to leave it alone.", true));
            return;
        }
        if (!cluster.finalizer()) {
            addFinalizer(cluster);
        }
        try {
            lookAfter(cluster, secrets.of(cluster));
        } catch (TrustException e) {
            writeStatus(api, cluster, told(cluster, "Degraded", "BadSecret", String.valueOf(e.getMessage()), true));
        }
    }

    private void lookAfter(InferenceCluster cluster, SecretKeeper.Kept kept)
            throws KubeException, InterruptedException {
        Instant now = Instant.now();
        Observation seen = Observation.of(api, cluster, coordinators, kept.key());
        ScaleRules rules = ScaleRules.of(cluster.spec());
        ScaleState before = ScaleState.read(cluster.status(), rules, now);
        Demand demand = seen.report()
                .map(report -> Demand.of(report, seen.allRegistered(before.desired()), seen.stagesOnPods()))
                .orElse(Demand.UNKNOWN);
        ScaleState scale = Scaling.next(rules, before, demand, now);
        boolean mayGrow = rules.fixed().isEmpty() && seen.totalReplicas() < rules.max();
        Rolling.Step rolling = scale.asleep()
                ? new Rolling.Step.Done()
                : Rolling.next(seen, mayGrow, cluster.spec().interruptForUpgrade());
        Map<String, Integer> wanted = PoolSpread.of(cluster.spec().pools(),
                scale.desired() + surge(seen, scale, rolling));
        Map<String, Integer> replicas = scale.asleep()
                ? wanted
                : PoolSpread.step(seen.replicas(), wanted, !seen.someWorkerLeaves());
        boolean modelChanges = seen.someoneHostsAnother(cluster.spec().model().source());

        apply(cluster, new Manifests.Moment(replicas, modelChanges ? 0 : cluster.spec().coordinator().replicas(),
                kept.secrets()));
        tellOfScaling(cluster, before, scale);
        dropFormerPools(cluster, seen);
        for (String worker : DepartedWorkers.of(cluster, seen, replicas, scale)) {
            if (coordinators.remove(seen.addresses(), kept.admin(), worker)) {
                events.tell(cluster, "RemovedWorker", "Worker " + worker
                        + " is not to come back; its certificate does not count any more.");
            }
        }
        if (scale.asleep()) {
            String pods = Manifest.collection("v1", cluster.namespace(), "pods");
            Teardown.stopAtOnce(api, pods, api.list(pods, Names.of(cluster).selectorText(Component.WORKER)));
        } else {
            replace(cluster, seen, rolling);
        }
        writeStatus(api, cluster,
                new StatusReport(cluster, seen, scale, wanted, rolling, modelChanges, now).json());
    }

    /** One more worker is kept until every stage has moved off outdated ones. */
    private static int surge(Observation seen, ScaleState scale, Rolling.Step rolling) {
        boolean surged = !(rolling instanceof Rolling.Step.Done) && seen.totalReplicas() > scale.desired();
        return rolling instanceof Rolling.Step.Surge || surged ? 1 : 0;
    }

    private void apply(InferenceCluster cluster, Manifests.Moment moment) throws KubeException {
        List<Manifest> wanted = Manifests.of(cluster, settings, moment);
        try {
            applier.apply(wanted, Leftovers.of(Names.of(cluster), settings.offers(), wanted));
        } catch (KubeException e) {
            applier.forget();
            if (e.isRefused()) {
                writeStatus(api, cluster, told(cluster, "Degraded", "Refused", String.valueOf(e.getMessage()), true));
            }
            throw e;
        }
    }

    /** A pool that is not wanted any more is emptied, one worker after the other, before it goes. */
    private void dropFormerPools(InferenceCluster cluster, Observation seen) throws KubeException {
        Map<String, Observation.WorkerSet> former = new HashMap<>(seen.sets());
        cluster.spec().pools().forEach(pool -> former.remove(pool.name()));
        for (Observation.WorkerSet set : former.values()) {
            String path = Manifest.collection("apps/v1", cluster.namespace(), "statefulsets") + "/" + set.name();
            if (set.replicas() == 0) {
                api.delete(path, OptionalInt.empty());
                api.delete(Manifest.collection("v1", cluster.namespace(), "secrets") + "/" + set.name(),
                        OptionalInt.empty());
            } else if (!seen.someWorkerLeaves()) {
                JsonObject spec = new JsonObject();
                spec.addProperty("replicas", set.replicas() - 1);
                JsonObject patch = new JsonObject();
                patch.add("spec", spec);
                api.mergePatch(path, patch);
                events.tell(cluster, "Scaled", "Pool " + set.pool() + " is not wanted any more and loses a worker.");
            }
        }
    }

    private void replace(InferenceCluster cluster, Observation seen, Rolling.Step rolling) throws KubeException {
        String pods = Manifest.collection("v1", cluster.namespace(), "pods");
        if (rolling instanceof Rolling.Step.Replace(Observation.Pod pod, String why)) {
            events.tell(cluster, "Upgrading", "Worker " + pod.name() + " is replaced by a newer one: " + why + ".");
            api.delete(pods + "/" + pod.name(), OptionalInt.empty());
            return;
        }
        var lost = silent.next(seen, System.nanoTime());
        if (lost.isPresent()) {
            events.warn(cluster, "ReplacedWorker",
                    "Worker " + lost.get().name() + " gives no sign of life; its pod alone is replaced.");
            api.delete(pods + "/" + lost.get().name(), OptionalInt.of(Teardown.IDLE_GRACE_SECONDS));
        }
    }

    private void tellOfScaling(InferenceCluster cluster, ScaleState before, ScaleState scale) {
        boolean first = !cluster.status().at("desiredReplicas").exists();
        if (!first && scale.desired() == before.desired()) {
            return;
        }
        if (scale.asleep()) {
            events.tell(cluster, "FellAsleep", "All workers go, until somebody asks for something.");
        } else if (before.asleep()) {
            events.tell(cluster, "Woke", "Workers come back: " + scale.desired() + ".");
        } else {
            events.tell(cluster, "Scaled",
                    "There are to be " + scale.desired() + " workers; the model was last seen to need "
                            + scale.needed() + ".");
        }
    }

    private void addFinalizer(InferenceCluster cluster) throws KubeException {
        Tree now = api.get(cluster.path()).orElse(Tree.NOTHING);
        JsonArray finalizers = now.at("metadata", "finalizers").json().isJsonArray()
                ? now.at("metadata", "finalizers").json().getAsJsonArray().deepCopy()
                : new JsonArray();
        finalizers.add(InferenceCluster.FINALIZER);
        api.mergePatch(cluster.path(),
                Teardown.metadata("finalizers", finalizers, now.at("metadata", "resourceVersion").text()));
    }

    private static JsonObject told(InferenceCluster cluster, String phase, String reason, String message,
            boolean valid) {
        JsonObject status = new JsonObject();
        status.addProperty("phase", phase);
        status.addProperty("observedGeneration", cluster.generation());
        Conditions conditions = new Conditions(cluster.status().at("conditions"), cluster.generation(), Instant.now())
                .put("Valid", valid, valid ? "Valid" : reason, valid ? "The spec is in order." : message)
                .put("Ready", false, reason, message);
        status.add("conditions", conditions.json());
        return status;
    }

    /** Writes only what differs from what the resource has; fields that are null go. */
    static void writeStatus(KubeApi api, InferenceCluster cluster, JsonObject status) throws KubeException {
        JsonObject merged = cluster.status().object().deepCopy();
        status.asMap().forEach((name, value) -> {
            merged.remove(name);
            if (!value.isJsonNull()) {
                merged.add(name, value);
            }
        });
        if (merged.equals(cluster.status().object())) {
            return;
        }
        JsonObject patch = new JsonObject();
        patch.add("status", status);
        api.mergePatch(cluster.path() + "/status", patch);
    }
}
