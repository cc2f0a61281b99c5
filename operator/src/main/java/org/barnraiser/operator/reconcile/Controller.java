package org.barnraiser.operator.reconcile;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.ResourceWatch;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.manifests.Settings;
import org.barnraiser.operator.watch.Coordinators;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at every InferenceCluster when it changes, and again every few seconds, as demand changes without a word. Some threads share
 * the work; no cluster is ever looked at by two at once.
 */
final class Controller implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    private static final int THREADS = 4;

    private final KubeApi api;
    private final Settings settings;
    private final Timings timings;
    private final Events events;
    private final BooleanSupplier leads;
    private final Coordinators coordinators = new Coordinators();
    private final KeyedQueue queue = new KeyedQueue();
    private final ResourceWatch clusters;
    private final Map<String, ClusterReconciler> reconcilers = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Counter reconciled = Counter.build("barnraiser_operator_reconciliations_total",
            "Times that a cluster was looked at.").labelNames("result").create();
    private final Gauge known = Gauge.build("barnraiser_operator_clusters", "InferenceClusters that are looked after.")
            .create();

    /**
     * How often, and how patiently.
     *
     * @param look from one look at a cluster to the next
     * @param silence how long a worker may give no sign of life before its pod is replaced
     */
    record Timings(Duration look, Duration silence) {}

    Controller(KubeApi api, String namespace, Settings settings, Timings timings, Events events,
            BooleanSupplier leads) {
        this.api = api;
        this.settings = settings;
        this.timings = timings;
        this.events = events;
        this.leads = leads;
        this.clusters = new ResourceWatch(api, InferenceCluster.collection(namespace), queue::add);
    }

    void register(CollectorRegistry registry) {
        registry.register(reconciled);
        registry.register(known);
    }

    void start() {
        clusters.start();
        for (int i = 0; i < THREADS; i++) {
            threads.add(Thread.ofVirtual().name("reconcile-" + i).start(this::work));
        }
    }

    /** Whether it hears of changes; false means that the process had better start anew. */
    boolean isSound(Duration patience) {
        return clusters.silence().compareTo(patience) < 0 && threads.stream().allMatch(Thread::isAlive);
    }

    private void work() {
        try {
            for (Optional<String> key = queue.take(); key.isPresent(); key = queue.take()) {
                work(key.get());
                queue.done(key.get());
            }
        } catch (InterruptedException _) {
            // The end.
        }
    }

    private void work(String key) throws InterruptedException {
        Optional<Tree> resource = clusters.get(key);
        known.set(clusters.keys().size());
        if (resource.isEmpty()) {
            reconcilers.remove(key);
            return;
        }
        if (!leads.getAsBoolean()) {
            queue.addAfter(key, timings.look());
            return;
        }
        try {
            reconcilers.computeIfAbsent(key, _ -> new ClusterReconciler(api, coordinators, settings, events,
                    timings.silence())).reconcile(InferenceCluster.read(resource.get()));
            queue.succeeded(key);
            queue.addAfter(key, timings.look());
            reconciled.labels("done").inc();
        } catch (KubeException e) {
            reconciled.labels("failed").inc();
            Duration pause = queue.addAfterFailure(key);
            if (e.isConflict() || e.status() == 404) {
                LOG.debug("{}: {}", key, e.getMessage());
            } else {
                LOG.warn("{}: {} It is tried again in {} s.", key, e.getMessage(), pause.toSeconds());
            }
        } catch (RuntimeException e) {
            // One cluster that cannot be handled must not keep the others waiting.
            reconciled.labels("failed").inc();
            LOG.error("{}: an unexpected failure.", key, e);
            queue.addAfterFailure(key);
        }
    }

    @Override
    public void close() {
        queue.close();
        clusters.close();
        threads.forEach(Thread::interrupt);
        coordinators.close();
    }
}
