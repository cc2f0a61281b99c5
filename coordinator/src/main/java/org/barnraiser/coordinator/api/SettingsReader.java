package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.SamplingParameters;

/** Reads and checks what chat and completions requests have in common. */
final class SettingsReader {
    static final int MAX_TOP_LOGPROBS = 20;
    private static final int MAX_CHOICES = 16;
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_CHARS = 500;

    private SettingsReader() {}

    /** @param topLogprobs how many likely tokens to report for each token; none: no log-probabilities at all */
    static GenerationSettings read(Fields fields, ModelDescription model, OptionalInt topLogprobs) throws ApiException {
        checkModel(fields, model);
        SamplingParameters sampling = SamplingReader.read(fields, model).toBuilder()
                .setLogprobs(topLogprobs.isPresent()).setTopLogprobs(topLogprobs.orElse(0)).build();
        boolean stream = fields.flag("stream");
        Optional<Fields> streamOptions = fields.fields("stream_options");
        boolean includeUsage = streamOptions.isPresent() && streamOptions.get().flag("include_usage");
        return new GenerationSettings(fields.integer("n", 1, MAX_CHOICES).orElse(1), maxTokens(fields), stops(fields),
                sampling, ConstraintReader.read(fields), stream, includeUsage);
    }

    static void checkModel(Fields fields, ModelDescription model) throws ApiException {
        String asked = fields.string("model").orElse(model.name());
        if (!asked.equals(model.name())) {
            throw new ApiException(ApiError.modelNotFound(asked, "'" + model.name() + "'"));
        }
    }

    private static OptionalInt maxTokens(Fields fields) throws ApiException {
        OptionalInt older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
        OptionalInt newer = fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
        return newer.isPresent() ? newer : older;
    }

    private static List<String> stops(Fields fields) throws ApiException {
        Optional<JsonNode> value = fields.node("stop");
        if (value.isEmpty()) {
            return List.of();
        }
        List<String> stops = new ArrayList<>();
        if (value.get().isArray() && value.get().size() <= MAX_STOPS) {
            for (JsonNode stop : value.get()) {
                stops.add(stop(fields, stop));
            }
        } else {
            stops.add(stop(fields, value.get()));
        }
        return stops;
    }

    private static String stop(Fields fields, JsonNode stop) throws ApiException {
        if (!stop.isTextual() || stop.textValue().isEmpty() || stop.textValue().length() > MAX_STOP_CHARS) {
            throw fields.refused("stop", "must be a string of 1 to " + MAX_STOP_CHARS
                    + " characters, or a list of at most " + MAX_STOPS + " of them");
        }
        return stop.textValue();
    }
}
