package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.model.AdapterDescription;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.AdapterUse;

/**
 * Which adapters a request wants: {@code "model": "BASE+ADAPTER"}, or {@code "adapters": [{"name": …, "scale": …}]}, or both.
 *
 * @param model the hosted one, under the name that it was asked by
 * @param uses sorted by digest, each once, none at scale 0
 */
record AdapterChoice(ModelDescription model, List<AdapterUse> uses) {
    static final String HEADER = "X-Barnraiser-Adapters";
    private static final double MAX_SCALE = 100;
    private static final int MAX_ADAPTERS = 8;

    static AdapterChoice read(Fields fields, ModelDescription hosted) throws ApiException {
        Map<String, Float> scales = new TreeMap<>();
        ModelDescription model = hosted;
        String asked = fields.string("model").orElse(hosted.name());
        if (asked.startsWith(hosted.name() + "+")) {
            String name = asked.substring(hosted.name().length() + 1);
            Optional<AdapterDescription> adapter = find(hosted, name);
            if (adapter.isEmpty()) {
                throw new ApiException(
                        ApiError.modelNotFound(asked, names(hosted).collect(Collectors.joining("', '"))));
            }
            scales.put(adapter.get().digest(), 1f);
            model = hosted.named(asked);
        }
        for (JsonNode node : list(fields)) {
            Fields each = Fields.of(node, "adapters");
            String name = each.string("name").orElseThrow(() -> each.refused("name", "is needed: a string"));
            String digest = find(hosted, name).orElseThrow(() -> each.refused("name", "is '" + name
                    + "', which is no adapter of this model; there are: " + adapterNames(hosted))).digest();
            if (scales.putIfAbsent(digest, (float) each.number("scale", -MAX_SCALE, MAX_SCALE).orElse(1)) != null) {
                throw each.refused("name", "is '" + name + "', which is asked for twice");
            }
        }
        List<AdapterUse> uses = new ArrayList<>();
        scales.forEach((digest, scale) -> {
            if (scale != 0) {
                uses.add(AdapterUse.newBuilder().setDigest(digest).setScale(scale).build());
            }
        });
        return new AdapterChoice(model, List.copyOf(uses));
    }

    /** The hosted model, and with each of its adapters, as they can be asked for. */
    static Stream<String> names(ModelDescription hosted) {
        return Stream.concat(Stream.of(hosted.name()),
                hosted.adapters().stream().map(adapter -> hosted.name() + "+" + adapter.name()));
    }

    private static String adapterNames(ModelDescription hosted) {
        return hosted.adapters().isEmpty()
                ? "none"
                : hosted.adapters().stream().map(AdapterDescription::name).collect(Collectors.joining(", "));
    }

    private static Optional<AdapterDescription> find(ModelDescription hosted, String name) {
        return hosted.adapters().stream().filter(adapter -> adapter.name().equals(name)).findFirst();
    }

    private static JsonNode list(Fields fields) throws ApiException {
        Optional<JsonNode> adapters = fields.node("adapters");
        if (adapters.isEmpty()) {
            return Json.object();
        }
        if (!adapters.get().isArray() || adapters.get().size() > MAX_ADAPTERS) {
            throw fields.refused("adapters",
                    "must be a list of at most " + MAX_ADAPTERS + " objects with name and scale");
        }
        return adapters.get();
    }

    /** The request, computed with these adapters. */
    AnswerRequest applied(AnswerRequest request) {
        GenerationSettings settings = request.settings();
        return uses.isEmpty()
                ? request
                : new AnswerRequest(request.promptParam(), request.prompt(), new GenerationSettings(settings.choices(),
                        settings.maxTokens(), settings.stops(),
                        settings.sampling().toBuilder().addAllAdapters(uses).build(), settings.constraint(),
                        settings.stream(), settings.includeUsage()), request.reading(), request.format());
    }

    /** For the {@link #HEADER}; empty when there are none. */
    Optional<String> header() {
        return uses.isEmpty()
                ? Optional.empty()
                : Optional.of(uses.stream().map(use -> "sha256:" + use.getDigest() + ";scale=" + use.getScale())
                        .collect(Collectors.joining(", ")));
    }
}
