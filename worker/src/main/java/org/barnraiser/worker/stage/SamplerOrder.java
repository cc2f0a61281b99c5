package org.barnraiser.worker.stage;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.worker.llama.Sampler;
import org.barnraiser.worker.stage.PositionSeed.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * Which samplers run in which order: llama.cpp's default, that is logit bias, penalties, dry, top-k, typical, top-p, min-p,
 * xtc, temperature, and a draw. Temperature 0 is greedy after bias and penalties. With mirostat, as in llama.cpp, bias,
 * temperature and mirostat alone.
 */
final class SamplerOrder {
    static final int MAX_BIASES = 4096;
    private static final int MIN_KEEP = 0;

    private SamplerOrder() {}

    /** The first part: samplers that depend on parameters and past tokens alone. */
    static List<Sampler> lasting(SamplingParameters parameters, Sampler.LogitBias endBias) {
        var samplers = new ArrayList<Sampler>();
        if (parameters.getLogitBiasCount() > MAX_BIASES) {
            throw new IllegalArgumentException(
                    "there are " + parameters.getLogitBiasCount() + " token biases; at most " + MAX_BIASES
                            + " are allowed");
        }
        if (parameters.getLogitBiasCount() > 0) {
            samplers.add(
                    new Sampler.LogitBias(parameters.getLogitBiasList().stream().map(SamplerOrder::entry).toList()));
        }
        if (parameters.getIgnoreEnd() && !endBias.entries().isEmpty()) {
            samplers.add(endBias);
        }
        if (parameters.getMirostat() != 0) {
            return samplers;
        }
        if (parameters.getPenaltyLastTokens() != 0) {
            samplers.add(new Sampler.Penalties(parameters.getPenaltyLastTokens(), orOne(parameters.getRepeatPenalty()),
                    parameters.getFrequencyPenalty(), parameters.getPresencePenalty()));
        }
        if (parameters.getDryMultiplier() != 0) {
            samplers.add(new Sampler.Dry(parameters.getDryMultiplier(), parameters.getDryBase(),
                    parameters.getDryAllowedLength(), parameters.getDryLastTokens(),
                    parameters.getDrySequenceBreakersList()));
        }
        if (parameters.getTemperature() <= 0) {
            samplers.add(new Sampler.Greedy());
            return samplers;
        }
        if (parameters.getTopK() != 0) {
            samplers.add(new Sampler.TopK(parameters.getTopK()));
        }
        if (orOne(parameters.getTypicalP()) != 1) {
            samplers.add(new Sampler.Typical(parameters.getTypicalP(), MIN_KEEP));
        }
        if (parameters.getTopP() != 1) {
            samplers.add(new Sampler.TopP(parameters.getTopP(), MIN_KEEP));
        }
        if (parameters.getMinP() != 0) {
            samplers.add(new Sampler.MinP(parameters.getMinP(), MIN_KEEP));
        }
        return samplers;
    }

    /** The second part: samplers that draw random numbers, made for one position. */
    static List<Sampler> drawing(SamplingParameters parameters, int position, @Nullable Mirostat mirostat) {
        int seed = PositionSeed.of(parameters.getSeed(), position, Purpose.TOKEN);
        if (mirostat != null) {
            return List.of(new Sampler.Temperature(parameters.getTemperature()), mirostat.sampler(seed));
        }
        if (parameters.getTemperature() <= 0) {
            return List.of();
        }
        var samplers = new ArrayList<Sampler>();
        if (parameters.getXtcProbability() > 0) {
            int xtcSeed = PositionSeed.of(parameters.getSeed(), position, Purpose.XTC);
            samplers.add(new Sampler.Xtc(parameters.getXtcProbability(), parameters.getXtcThreshold(), MIN_KEEP,
                    xtcSeed));
        }
        samplers.add(new Sampler.Temperature(parameters.getTemperature()));
        samplers.add(new Sampler.Distribution(seed));
        return samplers;
    }

    private static Sampler.LogitBias.Entry entry(LogitBias bias) {
        return new Sampler.LogitBias.Entry(bias.getToken(), bias.getBias());
    }

    /** Multipliers that were not set are read as 1, which is off. */
    private static float orOne(float value) {
        return value == 0 ? 1 : value;
    }
}
