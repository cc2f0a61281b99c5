package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.Readiness;

/** What needs no generation: models, health, metrics, and the cluster's state. */
final class StatusPages {
    private final HostedModel model;
    private final Availability availability;
    private final ClusterStatus.Source cluster;
    private final ApiMetrics metrics;

    StatusPages(HostedModel model, Availability availability, ClusterStatus.Source cluster, ApiMetrics metrics) {
        this.model = model;
        this.availability = availability;
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
            case Readiness.Ready _ -> ctx.result("ready\n");
            case Readiness.NotReady(String reason, int retryAfterSeconds, _) -> ctx.status(503)
                    .header("Retry-After", Integer.toString(Math.max(1, retryAfterSeconds))).result(reason + "\n");
        }
    }

    private void metrics(Context ctx) throws IOException {
        StringWriter text = new StringWriter();
        metrics.write(text);
        ctx.contentType(TextFormat.CONTENT_TYPE_004).result(text.toString());
    }

    private void models(Context ctx) {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        AdapterChoice.names(model.description())
                .forEach(name -> data.add(describe(model.description().named(name), availability.now())));
        Responses.json(ctx, 200, body);
    }

    private void oneModel(Context ctx) throws ApiException {
        String asked = ctx.pathParam("id");
        ModelDescription hosted = model.description();
        if (AdapterChoice.names(hosted).noneMatch(asked::equals)) {
            throw new ApiException(ApiError.modelNotFound(asked, hosted.name()));
        }
        Responses.json(ctx, 200, describe(hosted.named(asked), availability.now()));
    }

    private static ObjectNode describe(ModelDescription model, Readiness readiness) {
        return Json.object().put("id", model.name()).put("object", "model").put("created", model.createdEpochSeconds())
                .put("owned_by", "barnraiser").put("digest", "sha256:" + model.digest())
                .put("architecture", model.architecture()).put("context_length", model.contextTokens())
                .put("ready", Availability.isReady(readiness)).put("reason", Availability.reason(readiness));
    }
}
