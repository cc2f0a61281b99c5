package org.barnraiser.coordinator.cli;

import java.io.PrintWriter;
import org.barnraiser.coordinator.api.HttpServer;
import org.barnraiser.coordinator.api.HttpServerConfig;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.CoordinatorNode;
import org.barnraiser.coordinator.model.Readiness;

/** A coordinator and the HTTP server in front of it. */
final class Endpoint implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

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
        HttpServerConfig httpConfig = HttpServerConfig.onPort(hosting.port()).withHost(hosting.host());
        CoordinatorNode node = CoordinatorNode.start(config);
        HttpServer http = new HttpServer(httpConfig, node.model(), node.clusterStatus());
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

    /** Prints why the model is not ready yet, as that changes, and in the end where it is. */
    void announce(PrintWriter out, Lifetime lifetime) throws InterruptedException {
        String said = "";
        while (node.model().readiness() instanceof Readiness.NotReady(String reason, _)) {
            if (!reason.equals(said)) {
                out.println("… " + reason);
                out.flush();
                said = reason;
            }
            if (lifetime.await(POLL_MILLIS)) {
                return;
            }
        }
        out.println("Barnraiser is ready at http://" + shownHost() + ":" + http.port());
        out.flush();
    }

    private String shownHost() {
        return host.equals("127.0.0.1") || host.equals("0.0.0.0") ? "localhost" : host;
    }

    @Override
    public void close() {
        http.close();
        node.close();
    }
}
