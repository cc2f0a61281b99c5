package org.barnraiser.coordinator.api;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** Answers readers and programs over HTTP. Every request runs on a virtual thread of its own. */
public final class HttpServer implements AutoCloseable {
    /** Connections that wait to be accepted; Jetty's default makes 1,500 simultaneous clients wait for 17 s. */
    private static final int ACCEPT_QUEUE = 1024;

    private final HttpServerConfig config;
    private final Javalin javalin;

    public HttpServer(HttpServerConfig config, HostedModel model, ClusterStatus.Source cluster) {
        this.config = config;
        this.javalin = Javalin.create(javalinConfig -> configure(javalinConfig, model, cluster));
    }

    /** Listens from now on. */
    public HttpServer start() {
        javalin.start(config.host(), config.port());
        return this;
    }

    /** The port it listens on, once started. */
    public int port() {
        return javalin.port();
    }

    /** Takes no more requests, lets running answers finish for the configured grace, and ends the rest with an error. */
    @Override
    public void close() {
        javalin.stop();
    }

    private void configure(JavalinConfig javalinConfig, HostedModel model, ClusterStatus.Source cluster) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.concurrency.useVirtualThreads = true;
        javalinConfig.http.prefer405over404 = true;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
        javalinConfig.jetty.addConnector(this::connector);
        javalinConfig.routes.get("/healthz", ctx -> ctx.result("ok\n"));
        javalinConfig.routes.get("/v1/models", ctx -> ctx.json(model.description()));
        javalinConfig.routes.get("/api/cluster", ctx -> ctx.json(cluster.clusterStatus()));
    }

    private Connector connector(Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(config.idleTimeout().toMillis());
        return connector;
    }
}
