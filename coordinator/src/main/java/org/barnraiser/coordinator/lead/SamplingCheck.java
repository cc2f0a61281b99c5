package org.barnraiser.coordinator.lead;

import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.LogitBias;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.SamplingParameters.Pooling;

import static org.barnraiser.coordinator.lead.SequenceCheck.require;

/** The limits that the API holds its readers to, held once more: what comes over a network came from anywhere. */
final class SamplingCheck {
    private static final float MAX_TEMPERATURE = 2;
    private static final float MAX_PENALTY = 2;
    private static final float MAX_FACTOR = 100;
    private static final float MAX_BIAS = 100;
    private static final int MAX_BIASES = 1_024;
    private static final int MAX_BREAKERS = 64;
    private static final int MAX_BREAKER_CHARS = 100;
    private static final int MAX_TOP_LOGPROBS = 20;
    private static final int MAX_GRAMMAR_CHARS = 1 << 20;
    private static final int MAX_SHOWN = 64;
    private static final int MAX_SHOWN_CHARS = 100;

    private final SamplingParameters sampling;
    private final ModelDescription model;

    private SamplingCheck(SamplingParameters sampling, ModelDescription model) {
        this.sampling = sampling;
        this.model = model;
    }

    static void check(SamplingParameters sampling, ModelDescription model) throws InvalidSequenceException {
        SamplingCheck check = new SamplingCheck(sampling, model);
        check.adapters();
        check.pooling();
        check.truncation();
        check.penalties();
        check.dry();
        check.mirostat();
        check.logits();
    }

    private void adapters() throws InvalidSequenceException {
        String last = "";
        for (AdapterUse use : sampling.getAdaptersList()) {
            String digest = use.getDigest();
            require(model.adapters().stream().anyMatch(adapter -> adapter.digest().equals(digest)),
                    "the coordinator that leads does not have the adapter sha256:"
                            + digest.substring(0, Math.min(64, digest.length())) + "; add it there too");
            require(last.compareTo(digest) < 0, "adapters must be sorted, and each there once");
            range("the scale of an adapter", use.getScale(), -MAX_FACTOR, MAX_FACTOR);
            last = digest;
        }
    }

    private void pooling() throws InvalidSequenceException {
        Pooling pooling = sampling.getPooling();
        require(pooling == Pooling.NO_POOLING
                || model.embedding().filter(shape -> shape.pooling() == pooling).isPresent(),
                "pooling must be the model's own");
    }

    private void truncation() throws InvalidSequenceException {
        range("temperature", sampling.getTemperature(), 0, MAX_TEMPERATURE);
        range("top_k", sampling.getTopK(), 0, Integer.MAX_VALUE);
        range("top_p", sampling.getTopP(), 0, 1);
        range("min_p", sampling.getMinP(), 0, 1);
        range("typical_p", sampling.getTypicalP(), 0, 1);
        range("xtc_probability", sampling.getXtcProbability(), 0, 1);
        range("xtc_threshold", sampling.getXtcThreshold(), 0, 1);
    }

    private void penalties() throws InvalidSequenceException {
        range("repeat_penalty", sampling.getRepeatPenalty(), 0, MAX_FACTOR);
        range("presence_penalty", sampling.getPresencePenalty(), -MAX_PENALTY, MAX_PENALTY);
        range("frequency_penalty", sampling.getFrequencyPenalty(), -MAX_PENALTY, MAX_PENALTY);
        window("penalty_last_tokens", sampling.getPenaltyLastTokens());
    }

    private void dry() throws InvalidSequenceException {
        range("dry_multiplier", sampling.getDryMultiplier(), 0, MAX_FACTOR);
        range("dry_base", sampling.getDryBase(), 0, MAX_FACTOR);
        window("dry_allowed_length", sampling.getDryAllowedLength());
        window("dry_last_tokens", sampling.getDryLastTokens());
        require(sampling.getDrySequenceBreakersCount() <= MAX_BREAKERS
                && sampling.getDrySequenceBreakersList().stream()
                        .allMatch(breaker -> !breaker.isEmpty() && breaker.length() <= MAX_BREAKER_CHARS),
                "dry_sequence_breakers must be at most " + MAX_BREAKERS + " strings of 1 to " + MAX_BREAKER_CHARS
                        + " characters");
    }

    private void mirostat() throws InvalidSequenceException {
        range("mirostat", sampling.getMirostat(), 0, 2);
        range("mirostat_tau", sampling.getMirostatTau(), 0, MAX_FACTOR);
        range("mirostat_eta", sampling.getMirostatEta(), 0, 1);
    }

    private void logits() throws InvalidSequenceException {
        require(sampling.getLogitBiasCount() <= MAX_BIASES, "logit_bias has more than " + MAX_BIASES + " entries");
        for (LogitBias bias : sampling.getLogitBiasList()) {
            range("a token of logit_bias", bias.getToken(), 0, model.vocabularySize() - 1d);
            range("a bias of logit_bias", bias.getBias(), -MAX_BIAS, MAX_BIAS);
        }
        range("top_logprobs", sampling.getTopLogprobs(), 0, MAX_TOP_LOGPROBS);
        require(sampling.getGrammar().length() <= MAX_GRAMMAR_CHARS,
                "grammar must have at most " + MAX_GRAMMAR_CHARS + " characters");
        require(sampling.getShownControlTokensCount() <= MAX_SHOWN && sampling.getShownControlTokensList().stream()
                .allMatch(name -> name.length() <= MAX_SHOWN_CHARS), "too many control tokens are to be shown");
    }

    /** llama.cpp keeps so many tokens for it, from the start on. */
    private void window(String name, int tokens) throws InvalidSequenceException {
        range(name, tokens, 0, model.contextTokens());
    }

    /** False for what is not a number; an unsigned value beyond 2³¹ reads as a negative one. */
    private static void range(String name, double value, double least, double most) throws InvalidSequenceException {
        require(value >= least && value <= most, name + " must be from " + least + " to " + most);
    }
}
