package org.barnraiser.coordinator.api;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.router.Endpoint;
import io.prometheus.client.Collector;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.account.Members;
import org.barnraiser.coordinator.api.anthropic.MessagesDialect;
import org.barnraiser.coordinator.api.responses.ResponsesDialect;
import org.barnraiser.coordinator.attach.AttachmentRoutes;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.HostedModels;
import org.barnraiser.coordinator.model.WeightsCheck;
import org.barnraiser.coordinator.model.WorkerRemoval;
import org.barnraiser.coordinator.model.WorkerWishes;
import org.barnraiser.coordinator.receipt.Receipts;
import org.barnraiser.coordinator.web.WebSettings;
import org.barnraiser.coordinator.web.WebSite;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.jspecify.annotations.Nullable;

/** Answers readers and programs over HTTP. Every request runs on a virtual thread of its own. */
public final class HttpServer implements AutoCloseable {
    /** Connections that wait to be accepted; Jetty's default makes 1,500 simultaneous clients wait for 17 s. */
    private static final int ACCEPT_QUEUE = 1024;
    /** How long a request that was ended may take to say so. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);
    /** How long closing waits for clients that keep an idle connection. */
    private static final int CLOSING_IDLE_MILLIS = 100;
    /** More than a browser or a busy program opens. */
    private static final int CONNECTIONS_PER_ADDRESS = 256;

    private final HttpServerConfig config;
    private final HostedModels models;
    private final List<ModelDesk> desks;
    private final ClusterStatus.Source cluster;
    private final RunningAnswers running = new RunningAnswers();
    private final ApiMetrics metrics;
    private final WebSite site;
    private final Javalin javalin;
    /** None: readers are spoken to in the clear. */
    private volatile @Nullable ServerCertificate certificate;
    /** No keys until it is told otherwise. */
    private volatile Members members = Members.none();
    /** Knows no worker until it is told otherwise. */
    private volatile WorkerWishes wishes = (_, _) -> new WorkerWishes.Outcome.Unknown();
    private volatile WorkerRemoval removal = _ -> new WorkerWishes.Outcome.Unknown();

    private volatile Receipts receipts = Receipts.unsealed();

    /** Reads nothing until it is given something to read. */
    private volatile WeightsCheck weights = WeightsCheck.NONE;

    /** A server whose pages know nothing of their host. */
    public HttpServer(HttpServerConfig config, HostedModel model, ClusterStatus.Source cluster) {
        this(config, model, cluster, WebSettings.standard());
    }

    public HttpServer(HttpServerConfig config, HostedModel model, ClusterStatus.Source cluster, WebSettings pages) {
        this(config, HostedModels.only(model), cluster, pages);
    }

    /** A server in front of several models, each with its own turns. */
    public HttpServer(HttpServerConfig config, HostedModels models, ClusterStatus.Source cluster, WebSettings pages) {
        this.config = config;
        this.models = models;
        this.cluster = cluster;
        this.desks = models.all().stream().map(model -> new ModelDesk(model, config.patience(), running)).toList();
        Availability availability = new Availability(desks);
        this.metrics = new ApiMetrics(() -> Availability.isReady(availability.now()),
                () -> desks.stream().mapToInt(desk -> desk.turns().waiting()).sum(),
                () -> desks.stream().mapToInt(desk -> desk.waitingRoom().waiting()).sum());
        // The pages too show what is so, also while this server stops.
        ClusterStatus.Source honest = () -> availability.of(cluster.clusterStatus());
        this.site = new WebSite(pages, honest);
        this.javalin = Javalin.create(javalinConfig -> configure(javalinConfig, honest));
    }

    /** Shows these numbers too at {@code /metrics}; to be called before {@link #start}. */
    public HttpServer withMetrics(Collector collector) {
        metrics.add(collector);
        return this;
    }

    /** Passes on what people want of workers; to be called before {@link #start}. */
    public HttpServer withWishes(WorkerWishes newWishes) {
        wishes = newWishes;
        return this;
    }

    /** Removes workers that are not to come back; to be called before {@link #start}. */
    public HttpServer withRemoval(WorkerRemoval newRemoval) {
        removal = newRemoval;
        return this;
    }

    /** Serves those whom these members' keys let in; to be called before {@link #start}. The caller closes them after this server. */
    public HttpServer withMembers(Members newMembers) {
        members = newMembers;
        return this;
    }

    /** Signs receipts, and knows what is in them; to be called before {@link #start}. */
    public HttpServer withReceipts(Receipts office) {
        receipts = office;
        return this;
    }

    /** Lets so many answers to each model at the same time; to be called before {@link #start}. */
    public HttpServer withSlots(int slots) {
        desks.forEach(desk -> desk.setSlots(slots));
        return this;
    }

    /** Speaks HTTPS alone, with this certificate; to be called before {@link #start}. The caller closes it. */
    public HttpServer withCertificate(ServerCertificate shown) {
        certificate = shown;
        return this;
    }

    /** Has requests wait for machines that come when they are asked for, even when none was here before. */
    public HttpServer expectMachines() {
        desks.forEach(desk -> desk.waitingRoom().expectMachines());
        metrics.expectMachines();
        return this;
    }

    /** Has the weights on the workers' disks read again; to be called before {@link #start}. */
    public HttpServer withWeightsCheck(WeightsCheck check) {
        weights = check;
        return this;
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

    /** Is not ready and takes no more requests from now on, lets running answers finish for the configured grace, and ends the rest with an error. */
    @Override
    public void close() {
        site.close();
        running.beginClosing();
        try {
            running.awaitNone(config.shutdownGrace());
            running.breakOff();
            running.awaitNone(LAST_WORDS);
        } catch (InterruptedException _) {
            running.breakOff();
            Thread.currentThread().interrupt();
        }
        javalin.stop();
    }

    private void configure(JavalinConfig javalinConfig, ClusterStatus.Source cluster) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.concurrency.useVirtualThreads = true;
        javalinConfig.http.prefer405over404 = true;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE;
        javalinConfig.jetty.modifyServer(HttpServer::endGracefully);
        javalinConfig.jetty.addConnector(this::connector);
        javalinConfig.requestLogger.http((ctx, _) -> metrics.requestAnswered(path(ctx), Responses.countedStatus(ctx)));
        javalinConfig.routes.before(this::setHeaders);
        javalinConfig.routes.after(UnreadBody::discard);
        ErrorResponses.register(javalinConfig.routes);
        new Gate(() -> members.doorkeeper()).register(javalinConfig.routes);
        new MemberRoutes(() -> members).register(javalinConfig.routes);
        new StatusPages(models, desks, cluster, metrics).register(javalinConfig.routes);
        site.register(javalinConfig.routes);
        new WishHandler((worker, wish) -> wishes.tell(worker, wish), worker -> removal.remove(worker))
                .register(javalinConfig.routes);
        new WeightsHandler(() -> weights).register(javalinConfig.routes);
        javalinConfig.routes.post("/v1/completions",
                byModel(desk -> answerHandler(desk, new CompletionRequestReader(desk.model()))));
        javalinConfig.routes.post("/v1/chat/completions", byModel(desk -> answerHandler(desk, chatReader(desk))));
        javalinConfig.routes.post("/v1/responses", byModel(
                desk -> answerHandler(desk, new DialectReader(new ResponsesDialect(), chatReader(desk)))));
        javalinConfig.routes.post("/v1/messages", byModel(desk -> answerHandler(desk, messagesReader(desk))));
        javalinConfig.routes.post("/v1/messages/count_tokens", byModel(
                desk -> new CountTokensHandler(desk.model(), messagesReader(desk), config.maxBodyBytes())));
        javalinConfig.routes.post("/v1/embeddings",
                byModel(desk -> new EmbeddingsHandler(config, desk, running, metrics, () -> members.admissions())));
        javalinConfig.routes.post("/v1/tokenize",
                byModel(desk -> new TokenizeHandler(desk.model(), config.maxBodyBytes())));
        javalinConfig.routes.post("/v1/detokenize",
                byModel(desk -> new DetokenizeHandler(desk.model(), config.maxBodyBytes())));
        javalinConfig.routes.get("/openapi.json", ctx -> Responses.json(ctx, 200, RouteRights.openApi()));
        new AttachmentRoutes().register(javalinConfig.routes);
    }

    private Handler byModel(Function<ModelDesk, Handler> handler) {
        return new ByModel(models, desks, config.maxBodyBytes(), handler);
    }

    private AnswerRequest.Reader chatReader(ModelDesk desk) {
        return new ChatRequestReader(new ChatAnswers(new ChatRenderer(desk.model())), config.maxMessages());
    }

    private AnswerRequest.Reader messagesReader(ModelDesk desk) {
        return new DialectReader(new MessagesDialect(), chatReader(desk));
    }

    private AnswerHandler answerHandler(ModelDesk desk, AnswerRequest.Reader reader) {
        return new AnswerHandler(config, desk, reader, running, metrics, () -> members.admissions(),
                new AnswerReceipt.Office(() -> receipts, cluster));
    }

    /** What it answers, each as {@code METHOD path}. */
    Set<String> routes() {
        return javalin.unsafe.internalRouter.allHttpHandlers().stream().map(parsed -> parsed.endpoint)
                .filter(endpoint -> endpoint.method.isHttpMethod()).map(HttpServer::route)
                .collect(Collectors.toSet());
    }

    /** How {@link RouteRights} names it. */
    static String route(Endpoint endpoint) {
        return endpoint.method + " " + endpoint.path;
    }

    private void setHeaders(Context ctx) {
        ctx.header("Cache-Control", "no-store").header("X-Accel-Buffering", "no")
                .header("X-Content-Type-Options", "nosniff");
        if (models.isOne()) {
            ctx.header(ByModel.HEADER, ByModel.digest(models.first()));
        }
    }

    /** A label with few values, whatever paths clients think up. */
    private static String path(Context ctx) {
        Endpoint endpoint = ctx.endpoints().lastHttpEndpoint();
        return endpoint == null ? "other" : endpoint.path;
    }

    /** Responses that are being written are written to their end. */
    private static void endGracefully(Server server) {
        server.setHandler(new GracefulHandler());
        server.setStopTimeout(LAST_WORDS.toMillis());
    }

    private Connector connector(Server server, HttpConfiguration http) {
        http.setSendServerVersion(false);
        ServerConnector connector = new ServerConnector(server, connections(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        connector.setIdleTimeout(config.idleTimeout().toMillis());
        connector.setShutdownIdleTimeout(CLOSING_IDLE_MILLIS);
        connector.addBean(new ConnectionsPerAddress(CONNECTIONS_PER_ADDRESS));
        return connector;
    }

    private ConnectionFactory[] connections(HttpConfiguration http) {
        var plain = new HttpConnectionFactory(http);
        ServerCertificate shown = certificate;
        if (shown == null) {
            return new ConnectionFactory[]{plain};
        }
        // Readers come by whatever name the certificate has; another name is for their programs to refuse.
        http.addCustomizer(new SecureRequestCustomizer(false));
        return new ConnectionFactory[]{new SslConnectionFactory(shown.factory(), plain.getProtocol()), plain};
    }
}
