package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.io.PrintWriter;
import java.util.Optional;
import org.barnraiser.coordinator.api.HttpServer;
import org.barnraiser.coordinator.api.HttpServerConfig;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.CoordinatorNode;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.web.WebSettings;

/** A coordinator and the HTTP server in front of it. */
final class Endpoint implements AutoCloseable {
    private static final long POLL_MILLIS = 100;
    private static final long PROGRESS_MILLIS = 1_000;
    private static final String READY = "Barnraiser is ready";

    private final CoordinatorNode node;
    private final HttpServer http;
    private final String host;

    private Endpoint(CoordinatorNode node, HttpServer http, String host) {
        this.node = node;
        this.http = http;
        this.host = host;
    }

    /** Starts both; the model need not be ready when this returns. */
    static Endpoint start(CoordinatorConfig config, HostingOptions hosting) throws CommandException, ClusterException {
        HttpServerConfig httpConfig = HttpServerConfig.onPort(hosting.port()).withHost(hosting.host())
                .withPatience(hosting.patience());
        CoordinatorNode node = CoordinatorNode.start(config.withHttpAddress(httpAddress(config, httpConfig))
                .withPatience(hosting.patience()));
        HttpServer http = new HttpServer(httpConfig, node.model(), node.clusterStatus(),
                new WebSettings(Optional.of(config.dataDirectory()), config.zooKeeper(), hosting.kioskMinutes(),
                        Optional.of(node.needs())))
                .withMetrics(node.metrics()).withWishes(node.workerWishes())
                .withWeightsCheck(node.weightsCheck());
        try {
            http.start();
        } catch (RuntimeException e) {
            http.close();
            node.close();
            throw new CommandException("cannot listen on " + httpConfig.host() + ":" + httpConfig.port()
                    + "; is another program using that port? Choose another with --port.", e);
        }
        return new Endpoint(node, http, httpConfig.host());
    }

    /** As others reach it; empty for a port that is not known yet. A server that listens everywhere is reached where workers reach it. */
    private static String httpAddress(CoordinatorConfig config, HttpServerConfig http) {
        String host = http.host().equals("0.0.0.0") ? config.listen().getHost() : http.host();
        return http.port() == 0 ? "" : HostAndPort.fromParts(host, http.port()).toString();
    }

    /**
     * Tells, until the end, whether the model is ready: where it is, or why not, as that changes. What changes quickly, such
     * as progress, is told once in {@link #PROGRESS_MILLIS}.
     */
    void announce(PrintWriter out, Lifetime lifetime) throws InterruptedException {
        String said = "";
        long saidNanos = 0;
        do {
            String now = state();
            boolean settled = System.nanoTime() - saidNanos > PROGRESS_MILLIS * 1_000_000;
            if (!now.equals(said) && (settled || now.startsWith(READY))) {
                out.println(now);
                out.flush();
                said = now;
                saidNanos = System.nanoTime();
            }
        } while (!lifetime.await(POLL_MILLIS));
    }

    private String state() {
        return switch (node.model().readiness()) {
            case Readiness.Ready() -> READY + " at http://" + shownHost() + ":" + http.port();
            case Readiness.NotReady(String reason, _, _) -> "… " + reason;
        };
    }

    private String shownHost() {
        return host.equals("127.0.0.1") || host.equals("0.0.0.0") ? "localhost" : host;
    }

    @Override
    public void close() {
        // Before the last answers are waited for, which go on wherever the pipeline is.
        node.resign();
        http.close();
        node.close();
    }
}
