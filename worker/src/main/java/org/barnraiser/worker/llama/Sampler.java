package org.barnraiser.worker.llama;

import java.util.List;

/** A link of a {@link SamplerChain}: one of llama.cpp's samplers (llama_sampler_init_*) with its parameters. */
public sealed interface Sampler {
    /** Picks the most likely token. */
    record Greedy() implements Sampler {}

    /** Picks by probability, with llama.cpp's random generator seeded by {@code seed}. */
    record Distribution(int seed) implements Sampler {}

    /** Keeps the {@code k} most likely tokens; 0 or less keeps all. */
    record TopK(int k) implements Sampler {}

    /** Keeps the most likely tokens that together have probability {@code p}, and at least {@code minKeep}. */
    record TopP(float p, int minKeep) implements Sampler {
        public TopP {
            requireRange("p", p, 0, 1);
            requireAtLeast("minKeep", minKeep, 0);
        }
    }

    /** Keeps tokens of at least {@code p} times the probability of the most likely one, and at least {@code minKeep}. */
    record MinP(float p, int minKeep) implements Sampler {
        public MinP {
            requireRange("p", p, 0, 1);
            requireAtLeast("minKeep", minKeep, 0);
        }
    }

    /** Locally typical sampling. */
    record Typical(float p, int minKeep) implements Sampler {
        public Typical {
            requireRange("p", p, 0, 1);
            requireAtLeast("minKeep", minKeep, 0);
        }
    }

    /** Divides logits by {@code temperature}; 0 leaves the most likely token alone. */
    record Temperature(float temperature) implements Sampler {
        public Temperature {
            requireFinite("temperature", temperature);
        }
    }

    /** With {@code probability}, drops the most likely of several tokens above {@code threshold}. */
    record Xtc(float probability, float threshold, int minKeep, int seed) implements Sampler {
        public Xtc {
            requireRange("probability", probability, 0, 1);
            requireRange("threshold", threshold, 0, 1);
            requireAtLeast("minKeep", minKeep, 0);
        }
    }

    /** Penalizes tokens among the last {@code lastTokens}; 0 is off. */
    record Penalties(int lastTokens, float repeat, float frequency, float presence) implements Sampler {
        public Penalties {
            requireRange("lastTokens", lastTokens, 0, MAX_WINDOW);
            requireFinite("repeat", repeat);
            requireFinite("frequency", frequency);
            requireFinite("presence", presence);
            if (repeat <= 0) {
                throw new IllegalArgumentException("repeat is " + repeat + "; it must be positive, 1 is off");
            }
        }
    }

    /** "Don't repeat yourself": penalizes tokens that would extend a repetition within the last {@code lastTokens}. */
    record Dry(float multiplier, float base, int allowedLength, int lastTokens, List<String> sequenceBreakers)
            implements
                Sampler {
        private static final int MAX_BREAKERS = 64;
        private static final int MAX_BREAKER_CHARS = 40;

        public Dry {
            requireFinite("multiplier", multiplier);
            requireFinite("base", base);
            requireAtLeast("allowedLength", allowedLength, 0);
            requireRange("lastTokens", lastTokens, 0, MAX_WINDOW);
            sequenceBreakers = List.copyOf(sequenceBreakers);
            requireRange("number of sequenceBreakers", sequenceBreakers.size(), 0, MAX_BREAKERS);
            for (String breaker : sequenceBreakers) {
                requireRange("length of a sequenceBreaker", breaker.length(), 1, MAX_BREAKER_CHARS);
                requireNoNul("a sequenceBreaker", breaker);
            }
        }
    }

    /** Mirostat 1; picks a token. {@code m} is the number of tokens its estimate uses, 100 in the paper. */
    record MirostatV1(int seed, float tau, float eta, int m) implements Sampler {
        public MirostatV1 {
            requireFinite("tau", tau);
            requireFinite("eta", eta);
            requireAtLeast("m", m, 2);
        }
    }

    /** Mirostat 2; picks a token. */
    record MirostatV2(int seed, float tau, float eta) implements Sampler {
        public MirostatV2 {
            requireFinite("tau", tau);
            requireFinite("eta", eta);
        }
    }

    /** Adds to logits of single tokens; negative infinity forbids a token. */
    record LogitBias(List<Entry> entries) implements Sampler {
        public LogitBias {
            entries = List.copyOf(entries);
        }

        /** One token's bias. */
        public record Entry(int token, float bias) {
            public Entry {
                if (Float.isNaN(bias) || bias == Float.POSITIVE_INFINITY) {
                    throw new IllegalArgumentException("bias is " + bias + "; it must be a number");
                }
            }
        }
    }

    /** Forbids tokens that GBNF text does not allow next; {@code root} names the first rule. */
    record Grammar(String text, String root) implements Sampler {
        public Grammar {
            requireNoNul("text", text);
            requireNoNul("root", root);
        }
    }

    /** The longest window over past tokens. */
    int MAX_WINDOW = 1 << 20;

    private static void requireRange(String name, float value, float min, float max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + min + " to " + max);
        }
    }

    private static void requireRange(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be " + min + " to " + max);
        }
    }

    private static void requireAtLeast(String name, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + min);
        }
    }

    private static void requireFinite(String name, float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be a finite number");
        }
    }

    private static void requireNoNul(String name, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(name + " holds a NUL character");
        }
    }
}
