package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModels;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;

/** What needs no generation: models, health, metrics, and the cluster's state. */
final class StatusPages {
    private final HostedModels models;
    private final List<ModelDesk> desks;
    private final Availability availability;
    private final ClusterStatus.Source cluster;
    private final ApiMetrics metrics;

    StatusPages(HostedModels models, List<ModelDesk> desks, ClusterStatus.Source cluster, ApiMetrics metrics) {
        this.models = models;
        this.desks = desks;
        this.availability = new Availability(desks);
        this.cluster = cluster;
        this.metrics = metrics;
    }

    void register(RoutesConfig routes) {
        routes.get("/healthz", ctx -> ctx.result("ok\n"));
        routes.get("/readyz", this::readiness);
        routes.get("/metrics", this::metrics);
        routes.get("/api/cluster",
                ctx -> Responses.json(ctx, 200, Json.tree(cluster.clusterStatus())));
        routes.get("/v1/models", this::models);
        routes.get("/v1/models/<id>", this::oneModel);
    }

    private void readiness(Context ctx) {
        switch (availability.now()) {
            case Readiness.Ready _ -> ctx.result("ready\n" + notReady());
            case Readiness.NotReady(String reason, int retryAfterSeconds, _) -> ctx.status(503)
                    .header("Retry-After", Integer.toString(Math.max(1, retryAfterSeconds))).result(reason + "\n");
        }
    }

    /** Those that do not answer, a line each. */
    private String notReady() {
        return desks.stream().filter(desk -> !Availability.isReady(desk.readiness()))
                .map(desk -> "but not " + desk.model().description().name() + ": "
                        + Availability.reason(desk.readiness()) + "\n")
                .collect(Collectors.joining());
    }

    private void metrics(Context ctx) throws IOException {
        StringWriter text = new StringWriter();
        metrics.write(text);
        ctx.contentType(TextFormat.CONTENT_TYPE_004).result(text.toString());
    }

    private void models(Context ctx) {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        for (ModelDesk desk : desks) {
            ModelDescription model = desk.model().description();
            AdapterChoice.names(model).forEach(name -> data.add(describe(desk, model.named(name))));
        }
        Responses.json(ctx, 200, body);
    }

    private void oneModel(Context ctx) throws ApiException {
        String asked = ctx.pathParam("id");
        HostedModels.Asked found = models.find(asked)
                .filter(any -> AdapterChoice.names(any.model().description()).anyMatch(any.name()::equals))
                .orElseThrow(() -> new ApiException(ApiError.modelNotFound(asked, models.names())));
        ModelDesk desk = desks.stream().filter(each -> each.model().equals(found.model())).findFirst().orElseThrow();
        ctx.header(ByModel.HEADER, ByModel.digest(found.model()));
        Responses.json(ctx, 200, describe(desk, found.model().description().named(found.name())));
    }

    private ObjectNode describe(ModelDesk desk, ModelDescription model) {
        Readiness readiness = desk.readiness();
        ObjectNode node = Json.object().put("id", model.name()).put("object", "model")
                .put("created", model.createdEpochSeconds())
                .put("owned_by", "barnraiser").put("digest", "sha256:" + model.digest())
                .put("architecture", model.architecture()).put("context_length", model.contextTokens())
                .put("ready", Availability.isReady(readiness)).put("reason", Availability.reason(readiness));
        ArrayNode aliases = node.putArray("aliases");
        models.aliases(desk.model()).forEach(aliases::add);
        model.license().ifPresent(license -> node.put("license", license));
        ArrayNode capabilities = node.putArray("capabilities").add("chat").add("completions").add("tools")
                .add("structured_output");
        model.embedding().ifPresent(_ -> capabilities.add("embeddings"));
        return node;
    }
}
