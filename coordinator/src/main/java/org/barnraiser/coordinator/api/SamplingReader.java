package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SamplingParameters;

/**
 * Reads how the answer is sampled: OpenAI's fields, and the others under the names that llama.cpp's server gives them.
 * Without any of them the answer is drawn from the model's own distribution.
 */
final class SamplingReader {
    private static final double MAX_TEMPERATURE = 2;
    private static final double MAX_PENALTY = 2;
    private static final double MAX_FACTOR = 100;
    private static final double MAX_BIAS = 100;
    private static final int MAX_BIASES = 1_024;
    private static final int MAX_TOP_K = 10_000_000;
    private static final int MAX_BREAKERS = 64;
    private static final int MAX_BREAKER_CHARS = 100;
    private static final int DEFAULT_REPEAT_WINDOW = 64;
    private static final List<String> DEFAULT_BREAKERS = List.of("\n", ":", "\"", "*");

    private final Fields fields;
    private final ModelDescription model;
    private final SamplingParameters.Builder sampling = SamplingParameters.newBuilder();

    private SamplingReader(Fields fields, ModelDescription model) {
        this.fields = fields;
        this.model = model;
    }

    /** Everything but the grammar and the log-probabilities. */
    static SamplingParameters read(Fields fields, ModelDescription model) throws ApiException {
        return new SamplingReader(fields, model).read();
    }

    private SamplingParameters read() throws ApiException {
        readSeed();
        readTruncation();
        readPenalties();
        readDry();
        readMirostat();
        readLogitBias();
        return sampling.setIgnoreEnd(fields.flag("ignore_eos")).build();
    }

    /** None, and llama.cpp's -1, mean a random one. */
    private void readSeed() throws ApiException {
        long seed = fields.longInteger("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(-1);
        sampling.setSeed(seed == -1 ? ThreadLocalRandom.current().nextLong() : seed);
    }

    private void readTruncation() throws ApiException {
        sampling.setTemperature(number("temperature", 0, MAX_TEMPERATURE, 1))
                .setTopK(Math.max(0, fields.integer("top_k", -1, MAX_TOP_K).orElse(0)))
                .setTopP(number("top_p", 0, 1, 1)).setMinP(number("min_p", 0, 1, 0))
                .setTypicalP(number("typical_p", 0, 1, 1)).setXtcProbability(number("xtc_probability", 0, 1, 0))
                .setXtcThreshold(number("xtc_threshold", 0, 1, 0.1));
    }

    private void readPenalties() throws ApiException {
        sampling.setRepeatPenalty(number("repeat_penalty", 0, MAX_FACTOR, 1))
                .setPresencePenalty(number("presence_penalty", -MAX_PENALTY, MAX_PENALTY, 0))
                .setFrequencyPenalty(number("frequency_penalty", -MAX_PENALTY, MAX_PENALTY, 0))
                .setPenaltyLastTokens(window("repeat_last_n", DEFAULT_REPEAT_WINDOW));
    }

    private void readDry() throws ApiException {
        sampling.setDryMultiplier(number("dry_multiplier", 0, MAX_FACTOR, 0))
                .setDryBase(number("dry_base", 0, MAX_FACTOR, 1.75))
                .setDryAllowedLength(fields.integer("dry_allowed_length", 0, model.contextTokens()).orElse(2))
                .setDryLastTokens(window("dry_penalty_last_n", -1)).addAllDrySequenceBreakers(breakers());
    }

    private List<String> breakers() throws ApiException {
        Optional<JsonNode> value = fields.node("dry_sequence_breakers");
        if (value.isEmpty()) {
            return DEFAULT_BREAKERS;
        }
        List<String> breakers = new ArrayList<>();
        for (JsonNode breaker : value.get()) {
            if (breaker.isTextual() && !breaker.textValue().isEmpty()
                    && breaker.textValue().length() <= MAX_BREAKER_CHARS) {
                breakers.add(breaker.textValue());
            }
        }
        if (!value.get().isArray() || breakers.size() != value.get().size() || breakers.size() > MAX_BREAKERS) {
            throw fields.refused("dry_sequence_breakers", "must be a list of at most " + MAX_BREAKERS
                    + " strings of 1 to " + MAX_BREAKER_CHARS + " characters");
        }
        return breakers;
    }

    private void readMirostat() throws ApiException {
        sampling.setMirostat(fields.integer("mirostat", 0, 2).orElse(0))
                .setMirostatTau(number("mirostat_tau", 0, MAX_FACTOR, 5))
                .setMirostatEta(number("mirostat_eta", 0, 1, 0.1));
    }

    /** OpenAI's form: {@code {"<token id>": bias}}. */
    private void readLogitBias() throws ApiException {
        Optional<JsonNode> value = fields.node("logit_bias");
        if (value.isEmpty()) {
            return;
        }
        if (!value.get().isObject() || value.get().size() > MAX_BIASES) {
            throw fields.refused("logit_bias", "must be an object of at most " + MAX_BIASES + " token ids");
        }
        for (Map.Entry<String, JsonNode> entry : value.get().properties()) {
            double bias = Fields.number(entry.getValue(), fields.path("logit_bias"), -MAX_BIAS, MAX_BIAS);
            sampling.addLogitBias(LogitBias.newBuilder().setToken(token(entry.getKey())).setBias((float) bias));
        }
    }

    private int token(String text) throws ApiException {
        try {
            int token = Integer.parseInt(text);
            if (token >= 0 && token < model.vocabularySize()) {
                return token;
            }
        } catch (NumberFormatException notANumber) {
            // The error below says what is expected.
        }
        throw fields.refused("logit_bias", "names a token that is not one of 0 to " + (model.vocabularySize() - 1));
    }

    /** A number of latest tokens; -1 is the whole context. */
    private int window(String name, int absent) throws ApiException {
        int tokens = fields.integer(name, -1, Integer.MAX_VALUE).orElse(absent);
        return tokens == -1 ? model.contextTokens() : Math.min(tokens, model.contextTokens());
    }

    private float number(String name, double least, double most, double absent) throws ApiException {
        return (float) fields.number(name, least, most).orElse(absent);
    }
}
