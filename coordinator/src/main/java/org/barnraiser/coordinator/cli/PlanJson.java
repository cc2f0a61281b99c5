package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.barnraiser.coordinator.fit.Fit;
import org.barnraiser.coordinator.fit.PlannedModel;

/** What {@code barn plan --json} prints. */
final class PlanJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private PlanJson() {}

    static ObjectNode of(PlannedModel model, Fit fit, List<String> assumptions) {
        ObjectNode json = JSON.createObjectNode().put("fits", fit.fits()).put("missingBytes", fit.missingBytes());
        for (Fit.Stage stage : fit.stages()) {
            json.withArray("stages").addObject().put("machine", stage.machine()).put("first", stage.first())
                    .put("last", stage.last()).put("memoryBytes", stage.memoryBytes());
        }
        json.withArray("stages");
        ObjectNode rate = json.putObject("tokensPerSecond");
        if (fit.speed().isPresent()) {
            Fit.Speed speed = fit.speed().get();
            rate.put("1", speed.likely());
            if (speed.manyReaders() != 1) {
                rate.put(Integer.toString(speed.manyReaders()), speed.many());
            }
            json.put("timeToFirstTokenMillis", speed.firstTokenMillis());
            json.putObject("uncertainty").put("slow", speed.slow()).put("fast", speed.fast());
            json.put("questionTokens", speed.questionTokens()).put("slowest", speed.slowest());
        } else {
            json.putNull("timeToFirstTokenMillis");
        }
        json.put("reason", fit.reason());
        json.putObject("model").put("name", model.name()).put("architecture", model.architecture())
                .put("layers", fit.layers()).put("weightBytes", model.weightBytes())
                .put("contextTokens", model.contextTokens()).put("slots", model.slots());
        json.put("modelBytes", fit.modelBytes()).put("lentBytes", fit.lentBytes());
        json.set("unused", JSON.valueToTree(fit.unused()));
        json.set("assumptions", JSON.valueToTree(assumptions));
        return json;
    }
}
