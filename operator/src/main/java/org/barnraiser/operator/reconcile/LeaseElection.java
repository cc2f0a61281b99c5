package org.barnraiser.operator.reconcile;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of several operators leads: the one that holds a Lease and renews it. Whether another one's Lease has run out is judged by this
 * machine's own clock, from when it was last seen to change. Who cannot renew in time must end its process: nothing here takes a lost Lease
 * back. Owned by one thread, but for {@link #leads}.
 */
final class LeaseElection {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseElection.class);
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
            .withZone(ZoneOffset.UTC);
    private static final String NAME = "barnraiser-operator";

    private final KubeApi api;
    private final String collection;
    private final String identity;
    private final Times times;
    private Tree seen = Tree.NOTHING;
    private long seenNanos;
    private volatile boolean held;
    private volatile long renewedNanos;

    /**
     * How long things take.
     *
     * @param lease how long others respect it without a renewal
     * @param renewWithin how long the leader may go without one before it must stop; shorter than {@code lease}
     * @param retry from one attempt to the next
     */
    record Times(Duration lease, Duration renewWithin, Duration retry) {
        /** In the proportion that Kubernetes' own controllers use, which take 15 s. */
        static Times of(Duration lease) {
            Duration retry = lease.dividedBy(7);
            Duration longest = Duration.ofSeconds(2);
            return new Times(lease, lease.multipliedBy(2).dividedBy(3),
                    retry.compareTo(longest) > 0 ? longest : retry);
        }
    }

    LeaseElection(KubeApi api, String namespace, String identity, Times times) {
        this.api = api.within(times.retry().multipliedBy(2));
        this.collection = "/apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
        this.identity = identity;
        this.times = times;
    }

    /** Whether this one may change anything now; false too when it stood still for too long itself. */
    boolean leads() {
        return held && System.nanoTime() - renewedNanos < times.renewWithin().toNanos();
    }

    /** Returns when this one leads. */
    void awaitLeadership() throws InterruptedException {
        while (!attempt()) {
            Thread.sleep(times.retry());
        }
        LOG.info("{} leads.", identity);
    }

    /** Renews for as long as that works; returns when the Lease is lost, with the reason. */
    String holdUntilLost() throws InterruptedException {
        while (true) {
            Thread.sleep(times.retry());
            if (attempt()) {
                continue;
            }
            if (!held) {
                return "Another operator has taken the Lease.";
            }
            if (!leads()) {
                return "The Lease could not be renewed for " + times.renewWithin().toSeconds() + " s.";
            }
        }
    }

    /** Takes or renews the Lease; true when that worked. */
    private boolean attempt() {
        long before = System.nanoTime();
        try {
            Optional<Tree> lease = api.get(collection + "/" + NAME);
            if (lease.isEmpty()) {
                api.create(collection, body(new JsonObject(), 0));
            } else if (mayTake(lease.get())) {
                Tree spec = lease.get().at("spec");
                boolean changes = !spec.at("holderIdentity").text().equals(identity);
                int transitions = spec.at("leaseTransitions").count(0) + (changes ? 1 : 0);
                api.replace(collection + "/" + NAME, body(lease.get().at("metadata").object(), transitions));
            } else {
                held = false;
                return false;
            }
            renewedNanos = before;
            held = true;
            return true;
        } catch (KubeException e) {
            // A conflict: somebody was faster, which the next look shows.
            if (!e.isConflict()) {
                LOG.warn("The Lease: {}", e.getMessage());
            }
            return false;
        }
    }

    private boolean mayTake(Tree lease) {
        Tree spec = lease.at("spec");
        if (!spec.equals(seen)) {
            seen = spec;
            seenNanos = System.nanoTime();
        }
        String holder = spec.at("holderIdentity").text();
        long validSeconds = Math.clamp(spec.at("leaseDurationSeconds").number(times.lease().toSeconds()), 1, 3600);
        return holder.isEmpty() || holder.equals(identity)
                || System.nanoTime() - seenNanos > Duration.ofSeconds(validSeconds).toNanos();
    }

    private JsonObject body(JsonObject metadata, int transitions) {
        JsonObject spec = new JsonObject();
        String now = MICROS.format(Instant.now());
        spec.addProperty("holderIdentity", identity);
        spec.addProperty("leaseDurationSeconds", times.lease().toSeconds());
        spec.addProperty("renewTime", now);
        spec.addProperty("acquireTime", held ? seen.at("acquireTime").text(now) : now);
        spec.addProperty("leaseTransitions", transitions);
        metadata.addProperty("name", NAME);
        JsonObject body = new JsonObject();
        body.addProperty("apiVersion", "coordination.k8s.io/v1");
        body.addProperty("kind", "Lease");
        body.add("metadata", metadata);
        body.add("spec", spec);
        return body;
    }

    /** Gives the Lease up, so that another one need not wait for its end. */
    void release() {
        if (!held) {
            return;
        }
        held = false;
        try {
            Optional<Tree> lease = api.get(collection + "/" + NAME);
            if (lease.isPresent() && lease.get().at("spec", "holderIdentity").text().equals(identity)) {
                JsonObject body = lease.get().object().deepCopy();
                body.getAsJsonObject("spec").addProperty("holderIdentity", "");
                api.replace(collection + "/" + NAME, body);
            }
        } catch (KubeException e) {
            LOG.warn("The Lease could not be given up: {}", e.getMessage());
        }
    }
}
