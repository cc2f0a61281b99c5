package org.barnraiser.operator.reconcile;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Gauge;
import java.time.Duration;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Offers;
import org.barnraiser.operator.manifests.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The whole operator: waits until it leads, looks after clusters for as long as it does, and then is of no further use. */
public final class Operator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Operator.class);
    /** Watches end and begin anew more often than that, even when nothing happens. */
    private static final Duration DEAF = Duration.ofMinutes(10);
    private static final Duration RETRY = Duration.ofSeconds(2);

    private final KubeApi api;
    private final Options options;
    private final LeaseElection election;
    private final Gauge leading = Gauge.build("barnraiser_operator_leading", "1 when this operator leads.").create();
    private final CollectorRegistry metrics = new CollectorRegistry();
    private volatile State state = new State.Joining();

    /**
     * What it is told.
     *
     * @param namespace to look after; empty for all
     * @param leaseNamespace where its Lease is
     * @param look from one look at a cluster to the next
     * @param lease how long others wait for one that leads and is not heard of
     * @param silence how long a worker may give no sign of life before its pod is replaced
     */
    public record Options(String namespace, String leaseNamespace, String identity, String coordinatorImage,
            String workerImage, String zooKeeperImage, Duration look, Duration silence, Duration lease) {}

    private sealed interface State {
        record Joining() implements State {}

        record StandingBy() implements State {}

        record Leading(Controller controller) implements State {}

        record Closed() implements State {}
    }

    public Operator(KubeApi api, Options options) {
        this.api = api;
        this.options = options;
        this.election = new LeaseElection(api, options.leaseNamespace(), options.identity(),
                LeaseElection.Times.of(options.lease()));
        metrics.register(leading);
    }

    /** Numbers for Prometheus. */
    public CollectorRegistry metrics() {
        return metrics;
    }

    /** Whether it works, leading or standing by. */
    public boolean isAlive() {
        return !(state instanceof State.Leading(Controller controller)) || controller.isSound(DEAF);
    }

    /** Whether it has reached the API server. */
    public boolean isReady() {
        return state instanceof State.StandingBy || (state instanceof State.Leading && election.leads());
    }

    /** Works until the Lease is lost; returns why. */
    public String run() throws InterruptedException {
        Offers offers = offers();
        state = new State.StandingBy();
        election.awaitLeadership();
        Settings settings = new Settings(options.coordinatorImage(), options.workerImage(), options.zooKeeperImage(),
                offers);
        try (Controller controller = new Controller(api, options.namespace(), settings,
                new Controller.Timings(options.look(), options.silence()), new Events(api, options.identity()),
                election::leads)) {
            controller.register(metrics);
            leading.set(1);
            state = new State.Leading(controller);
            controller.start();
            return election.holdUntilLost();
        } finally {
            leading.set(0);
            state = new State.Closed();
        }
    }

    private Offers offers() throws InterruptedException {
        while (true) {
            try {
                return Offers.of(api);
            } catch (KubeException e) {
                LOG.warn("{} It is asked again in {} s.", e.getMessage(), RETRY.toSeconds());
                Thread.sleep(RETRY);
            }
        }
    }

    /** Gives the Lease up; after {@link #run} was interrupted. */
    @Override
    public void close() {
        election.release();
    }
}
