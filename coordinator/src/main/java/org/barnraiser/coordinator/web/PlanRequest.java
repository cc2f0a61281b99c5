package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.barnraiser.coordinator.fit.Machine;
import org.barnraiser.coordinator.fit.Model;
import org.barnraiser.coordinator.fit.Sizes;
import org.barnraiser.coordinator.model.ClusterStatus;

/** Reads the body of {@code POST /api/plan}. */
final class PlanRequest {
    private static final int MAX_MACHINES = 64;
    private static final int MAX_NAME_CHARS = 60;
    private static final long MOST_MEMORY_BYTES = 100_000_000_000_000L;
    private static final double MOST_BANDWIDTH = 1e14;
    private static final int MOST_LAYERS = 500;
    private static final int MOST_CONTEXT_TOKENS = 1 << 22;
    private static final int MOST_SLOTS = 64;

    private PlanRequest() {}

    /**
     * The model that is asked about: {@code "loaded"}, or its sizes.
     *
     * @param hosted the one that this cluster hosts
     */
    static Model model(JsonNode body, Optional<Model> hosted) throws InvalidPlanRequestException {
        JsonNode model = body.path("model");
        if (model.asText("").equals("loaded")) {
            return hosted.orElseThrow(() -> new InvalidPlanRequestException("No model is loaded here."));
        }
        check(model.isObject(), "'model' must be \"loaded\" or an object with the model's sizes.");
        double billions = number(model, "billions", 0.001, 10_000);
        double active = model.has("activeBillions") ? number(model, "activeBillions", 0.001, billions) : billions;
        return new Sizes(billions, active, number(model, "bits", 1, 32),
                (int) whole(model, "layers", 1, MOST_LAYERS),
                (int) whole(model, "contextTokens", 1, MOST_CONTEXT_TOKENS),
                (int) whole(model, "slots", 1, MOST_SLOTS)).toModel();
    }

    /** The machines that are asked about: {@code "cluster"}, or a list. */
    static ImmutableList<Machine> machines(JsonNode body, ClusterStatus cluster) throws InvalidPlanRequestException {
        JsonNode machines = body.path("machines");
        if (machines.asText("").equals("cluster")) {
            return cluster.workers().stream()
                    .map(worker -> new Machine(worker.worker(), worker.usableMemoryBytes(), OptionalDouble.empty()))
                    .collect(ImmutableList.toImmutableList());
        }
        check(machines.isArray() && !machines.isEmpty() && machines.size() <= MAX_MACHINES,
                "'machines' must be \"cluster\" or a list of 1 to " + MAX_MACHINES + " machines.");
        ImmutableList.Builder<Machine> read = ImmutableList.builder();
        Set<String> names = new HashSet<>();
        for (JsonNode machine : machines) {
            String name = machine.path("name").asText("").strip();
            check(!name.isEmpty() && name.length() <= MAX_NAME_CHARS, "Every machine needs a name of at most "
                    + MAX_NAME_CHARS + " characters.");
            check(names.add(name), "Two machines have the same name.");
            read.add(new Machine(name, whole(machine, "memoryBytes", 1, MOST_MEMORY_BYTES),
                    machine.has("bandwidthBytesPerSecond")
                            ? OptionalDouble.of(number(machine, "bandwidthBytesPerSecond", 1, MOST_BANDWIDTH))
                            : OptionalDouble.empty()));
        }
        return read.build();
    }

    private static double number(JsonNode node, String field, double least, double most)
            throws InvalidPlanRequestException {
        double value = node.path(field).asDouble(Double.NaN);
        check(node.path(field).isNumber() && value >= least && value <= most,
                "'" + field + "' must be a number from " + plain(least) + " to " + plain(most) + ".");
        return value;
    }

    private static long whole(JsonNode node, String field, long least, long most) throws InvalidPlanRequestException {
        JsonNode value = node.path(field);
        check(value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= least
                && value.longValue() <= most,
                "'" + field + "' must be a whole number from " + least + " to " + most + ".");
        return value.longValue();
    }

    private static String plain(double value) {
        return value == Math.rint(value) && value < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }

    private static void check(boolean condition, String otherwise) throws InvalidPlanRequestException {
        if (!condition) {
            throw new InvalidPlanRequestException(otherwise);
        }
    }
}
