package org.barnraiser.worker.stage;

import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.worker.llama.Sampler;
import org.jspecify.annotations.Nullable;

/**
 * Mirostat's estimate mu, kept here so that a sequence can go on elsewhere. llama.cpp's own sampler picks: it starts with
 * mu = 2 tau and uses tau for nothing else before it picks, so one made with tau = mu / 2 picks as if it had run all along.
 */
final class Mirostat {
    /** The number of tokens that version 1 estimates with; the paper's value. */
    private static final int V1_TOKENS = 100;

    private final int version;
    private final float tau;
    private final float eta;
    private float mu;

    private Mirostat(int version, float tau, float eta, float mu) {
        this.version = version;
        this.tau = tau;
        this.eta = eta;
        this.mu = mu;
    }

    /** Null when the parameters do not ask for it. */
    static @Nullable Mirostat of(SamplingParameters parameters, float mu) {
        if (parameters.getMirostat() == 0) {
            return null;
        }
        if (parameters.getMirostat() < 0 || parameters.getMirostat() > 2) {
            throw new IllegalArgumentException(
                    "mirostat is " + Integer.toUnsignedString(parameters.getMirostat()) + "; it must be 0, 1 or 2");
        }
        if (!Float.isFinite(mu)) {
            throw new IllegalArgumentException("mirostat's mu is " + mu + "; it must be a finite number");
        }
        float tau = parameters.getMirostatTau();
        return new Mirostat(parameters.getMirostat(), tau, parameters.getMirostatEta(), mu == 0 ? 2 * tau : mu);
    }

    /** For one draw. */
    Sampler sampler(int seed) {
        return version == 1
                ? new Sampler.MirostatV1(seed, mu / 2, eta, V1_TOKENS)
                : new Sampler.MirostatV2(seed, mu / 2, eta);
    }

    /** Learns from the probability that the picked token had: mu moves against the surprise in bits beyond tau. */
    void picked(float probability) {
        double surprise = -Math.log(probability) / Math.log(2);
        mu -= eta * (float) (surprise - tau);
    }

    float mu() {
        return mu;
    }
}
