package org.barnraiser.coordinator.cli;

import com.google.common.net.HostAndPort;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.ContributionMeter;
import org.barnraiser.coordinator.account.Doorkeeper;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.api.HttpServer;
import org.barnraiser.coordinator.api.HttpServerConfig;
import org.barnraiser.coordinator.api.ServerCertificate;
import org.barnraiser.coordinator.cluster.ClusterException;
import org.barnraiser.coordinator.cluster.CoordinatorConfig;
import org.barnraiser.coordinator.cluster.CoordinatorNode;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.receipt.Receipts;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.coordinator.web.WebSettings;

/** A coordinator and the HTTP server in front of it. */
final class Endpoint implements AutoCloseable {
    private static final long POLL_MILLIS = 100;
    private static final long PROGRESS_MILLIS = 1_000;
    private static final String READY = "Barnraiser is ready";

    private final CoordinatorNode node;
    private final HttpServer http;
    private final Optional<ServerCertificate> certificate;
    private final Members members;
    private final Optional<ContributionMeter> meter;
    private final String host;

    private Endpoint(CoordinatorNode node, HttpServer http, Optional<ServerCertificate> certificate, Members members,
            String host, String httpAddress) {
        this.certificate = certificate;
        this.meter = members.register()
                .map(register -> ContributionMeter.start(register.ledger(), node.clusterStatus(), httpAddress));
        this.members = members;
        this.node = node;
        this.http = http;
        this.host = host;
    }

    /** Starts both; the model need not be ready when this returns. */
    static Endpoint start(CoordinatorConfig config, ClusterTrust trust, HostingOptions hosting)
            throws CommandException, ClusterException {
        HttpServerConfig httpConfig = HttpServerConfig.onPort(hosting.port()).withHost(hosting.host())
                .withPatience(hosting.patience()).withShutdownGrace(hosting.grace());
        Optional<ServerCertificate> certificate = hosting.certificate();
        Members members = members(hosting.members(config.dataDirectory()));
        CoordinatorNode node = start(members, trust, config.withHttpAddress(httpAddress(config, httpConfig))
                .withPatience(hosting.patience()));
        HttpServer http = new HttpServer(httpConfig, node.models(), node.clusterStatus(),
                new WebSettings(Optional.of(config.dataDirectory()), config.zooKeeper(), hosting.kioskMinutes(),
                        Optional.of(node.needs())))
                .withMetrics(node.metrics()).withWishes(node.workerWishes()).withRemoval(trust::remove)
                .withMembers(members).withWeightsCheck(node.weightsCheck()).withSlots(config.pipeline().slots())
                .withReceipts(new Receipts(trust::seal, config.pipeline().wire().name().toLowerCase(Locale.ROOT),
                        node.quantisations()));
        certificate.ifPresent(http::withCertificate);
        if (hosting.onDemand()) {
            http.expectMachines();
        }
        try {
            http.start();
        } catch (RuntimeException e) {
            http.close();
            node.close();
            members.close();
            throw new CommandException("cannot listen on " + httpConfig.host() + ":" + httpConfig.port()
                    + "; is another program using that port? Choose another with --port.", e);
        }
        return new Endpoint(node, http, certificate, members, httpConfig.host(), httpAddress(config, httpConfig));
    }

    private static Members members(Members.Settings settings) throws CommandException {
        try {
            return Members.open(settings);
        } catch (AccountException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static CoordinatorNode start(Members members, ClusterTrust trust, CoordinatorConfig config)
            throws ClusterException {
        try {
            return CoordinatorNode.start(config, trust);
        } catch (ClusterException | RuntimeException e) {
            members.close();
            throw e;
        }
    }

    /** As others reach it; empty for a port that is not known yet. A server that listens everywhere is reached where workers reach it. */
    private static String httpAddress(CoordinatorConfig config, HttpServerConfig http) {
        String host = http.host().equals("0.0.0.0") ? config.listen().getHost() : http.host();
        return http.port() == 0 ? "" : HostAndPort.fromParts(host, http.port()).toString();
    }

    /**
     * Tells, until the end, whether all models are ready: where they are, or why not, as that changes. What changes quickly, such
     * as progress, is told once in {@link #PROGRESS_MILLIS}.
     */
    void announce(PrintWriter out, Lifetime lifetime) throws InterruptedException {
        whoIsServed().ifPresent(out::println);
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

    /** Said only when it is not what people expect: a server that listens to others and yet refuses them, or one that serves all. */
    private Optional<String> whoIsServed() {
        Doorkeeper doorkeeper = members.doorkeeper();
        if (shownHost().equals("localhost") && !host.equals("0.0.0.0")) {
            return Optional.empty();
        }
        if (doorkeeper.isOpen()) {
            return Optional.of("… Everybody who reaches this address is served, key or not.");
        }
        return doorkeeper.hasKeys()
                ? Optional.empty()
                : Optional.of("… No key exists yet, so only this machine is served; 'barn key create' makes one, and"
                        + " '--open' serves everybody.");
    }

    private String state() {
        return node.models().all().stream().flatMap(model -> notReady(model).stream()).findFirst()
                .orElseGet(() -> READY + " at " + (certificate.isPresent() ? "https://" : "http://") + shownHost() + ":"
                        + http.port());
    }

    private Optional<String> notReady(HostedModel model) {
        String name = node.models().isOne() ? "" : model.description().name() + ": ";
        return switch (model.readiness()) {
            case Readiness.Ready() -> Optional.empty();
            case Readiness.NotReady(String reason, _, _) -> Optional.of("… " + name + reason);
        };
    }

    private String shownHost() {
        return host.equals("127.0.0.1") || host.equals("0.0.0.0") ? "localhost" : host;
    }

    @Override
    public void close() {
        // Before the last answers are waited for, which go on wherever the pipeline is.
        meter.ifPresent(ContributionMeter::close);
        node.resign();
        http.close();
        certificate.ifPresent(ServerCertificate::close);
        node.close();
        members.close();
    }
}
