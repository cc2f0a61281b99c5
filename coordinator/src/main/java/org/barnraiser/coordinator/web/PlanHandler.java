package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Optional;
import org.barnraiser.coordinator.fit.Fit;
import org.barnraiser.coordinator.fit.FitCheck;
import org.barnraiser.coordinator.fit.Machine;
import org.barnraiser.coordinator.fit.Model;
import org.barnraiser.coordinator.fit.Wanted;
import org.barnraiser.coordinator.model.ClusterStatus;

/** {@code POST /api/plan}: whether a model fits. Changes nothing. */
final class PlanHandler {
    private static final int MAX_BODY_BYTES = 64 << 10;

    private final FitCheck check;
    private final Optional<Model> hosted;
    private final ClusterStatus.Source cluster;

    PlanHandler(FitCheck check, Optional<Model> hosted, ClusterStatus.Source cluster) {
        this.check = check;
        this.hosted = hosted;
        this.cluster = cluster;
    }

    void answer(Context ctx) throws IOException {
        byte[] bytes = ctx.req().getInputStream().readNBytes(MAX_BODY_BYTES + 1);
        if (bytes.length > MAX_BODY_BYTES) {
            Json.refuse(ctx, 413, "The request body is longer than " + MAX_BODY_BYTES + " bytes.");
            return;
        }
        try {
            JsonNode body = Json.read(bytes);
            Model model = PlanRequest.model(body, hosted);
            ImmutableList<Machine> machines = PlanRequest.machines(body, cluster.clusterStatus());
            Json.send(ctx, 200, json(check.check(model, machines, Wanted.BY_THE_PAGE)));
        } catch (InvalidPlanRequestException e) {
            Json.refuse(ctx, 400, String.valueOf(e.getMessage()));
        } catch (JsonProcessingException _) {
            Json.refuse(ctx, 400, "The request body is not valid JSON.");
        }
    }

    private static ObjectNode json(Fit fit) {
        ObjectNode json = Json.object().put("fits", fit.fits()).put("missingBytes", fit.missingBytes())
                .put("modelBytes", fit.modelBytes()).put("lentBytes", fit.lentBytes()).put("layers", fit.layers())
                .put("estimated", fit.estimated());
        json.set("stages", Json.tree(fit.stages()));
        json.set("unused", Json.tree(fit.unused()));
        fit.speed().ifPresent(speed -> {
            json.putObject("tokensPerSecond").put("slow", speed.slow()).put("fast", speed.fast())
                    .put("1", speed.likely()).put(Integer.toString(speed.manyReaders()), speed.many());
            json.put("timeToFirstTokenMillis", speed.firstTokenMillis()).put("slowest", speed.slowest());
        });
        return json;
    }
}
