package org.barnraiser.worker.stage;

import com.google.protobuf.ByteString;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.barnraiser.proto.CacheEdit.Begin;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.TokenLogprob;
import org.barnraiser.worker.llama.CandidateArray;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.Sampler;
import org.barnraiser.worker.llama.SamplerException;
import org.barnraiser.worker.llama.Vocabulary;

/** What the tail keeps per slot: the tokens so far, and the sampler of the sequence that uses the slot. */
final class TailSlots implements AutoCloseable {
    private static final int MAX_TOP_LOGPROBS = 100;

    private final LlamaModel model;
    private final Vocabulary vocabulary;
    private final CandidateArray candidates;
    private final Sampler.LogitBias endBias;
    private final TokenHistory[] histories;
    private final SlotSequence[] sequences;

    TailSlots(LlamaModel model, int slots) {
        this.model = model;
        vocabulary = model.vocabulary();
        candidates = new CandidateArray(vocabulary.size());
        endBias = new Sampler.LogitBias(IntStream.range(0, vocabulary.size()).filter(vocabulary::isEndOfGeneration)
                .mapToObj(token -> new Sampler.LogitBias.Entry(token, Float.NEGATIVE_INFINITY)).toList());
        histories = new TokenHistory[slots];
        Arrays.setAll(histories, _ -> new TokenHistory());
        sequences = new SlotSequence[slots];
        Arrays.setAll(sequences, _ -> new SlotSequence.None());
    }

    /** What is wrong with the parameters is reported when a token is wanted, as that span's failure. */
    void begin(Begin begin) {
        int slot = begin.getSlot();
        end(slot);
        switch (begin.getSampling().getPooling()) {
            case NO_POOLING -> beginSampling(begin);
            case UNRECOGNIZED -> sequences[slot] = new SlotSequence.Refused(
                    "This stage does not know how the hidden states are to be pooled.");
            default -> sequences[slot] = new SlotSequence.Pooling(
                    new PooledStates(begin.getSampling().getPooling(), model.embeddingLength()));
        }
    }

    private void beginSampling(Begin begin) {
        int slot = begin.getSlot();
        try {
            sequences[slot] = new SlotSequence.Sampling(begin.getSampling(), SlotSampler.create(model,
                    begin.getSampling(), begin.getGeneratedFromPosition(), begin.getMirostatMu(), endBias));
        } catch (SamplerException | IllegalArgumentException e) {
            sequences[slot] = new SlotSequence.Refused(
                    "The sampling parameters cannot be used: " + e.getMessage() + ".");
        }
    }

    /** What takes the hidden states of the slot's tokens together, if its sequence is not sampled. */
    Optional<PooledStates> pooled(int slot) {
        return sequences[slot] instanceof SlotSequence.Pooling(PooledStates states)
                ? Optional.of(states)
                : Optional.empty();
    }

    /** The slot's tokens now end there. */
    void truncate(int slot, int length) {
        if (length < histories[slot].length()) {
            histories[slot].truncate(length);
            forget(slot, length);
        }
    }

    void copy(int fromSlot, int toSlot, int length) {
        histories[toSlot].copyOf(histories[fromSlot], length);
        forget(toSlot, 0);
    }

    void append(int slot, int token) {
        histories[slot].add(token);
    }

    /**
     * Samples what the span wants. Its tokens have been appended.
     *
     * @param logits of the span's own rows, by index from the span's start
     */
    SpanResult sample(Span span, IntFunction<MemorySegment> logits) {
        var result = SpanResult.newBuilder().setSlot(span.getSlot());
        return switch (sequences[span.getSlot()]) {
            case SlotSequence.None _ -> result.setFailure("No sequence has begun in this slot.").build();
            case SlotSequence.Refused(String reason) -> result.setFailure(reason).build();
            case SlotSequence.Pooling(PooledStates states) -> pool(span, states, result).build();
            case SlotSequence.Sampling sequence -> {
                try {
                    sample(span, logits, sequence, result);
                } catch (SamplerException | IllegalArgumentException e) {
                    // Tokens that were sampled before count; whoever asks for the next one hears of the failure.
                    if (result.getSampledCount() == 0) {
                        result.setFailure("No token can be sampled: " + e.getMessage() + ".");
                    }
                }
                yield result.setMirostatMu(sequence.sampler().mirostatMu()).build();
            }
        };
    }

    private static SpanResult.Builder pool(Span span, PooledStates states, SpanResult.Builder result) {
        return states.value()
                .map(values -> result.addSampled(SampledToken.newBuilder()
                        .setPosition(span.getStartPosition() + span.getTokenCount()).addAllEmbedding(values)))
                .orElseGet(() -> result.setFailure("Not all tokens of the text were read here, so it has no meaning."));
    }

    private void sample(Span span, IntFunction<MemorySegment> logits, SlotSequence.Sampling sequence,
            SpanResult.Builder result) throws SamplerException {
        TokenHistory history = histories[span.getSlot()];
        int end = span.getStartPosition() + span.getTokenCount();
        int drafts = span.getWanted() == Span.Wanted.VERIFY ? span.getDraftCount() : 0;
        for (int position = end - drafts; position <= end; position++) {
            MemorySegment row = logits.apply(position - 1 - span.getStartPosition());
            int token = sequence.sampler().sample(row, history, position, candidates);
            result.addSampled(describe(token, position, row, sequence.parameters()));
            if (vocabulary.isEndOfGeneration(token)) {
                return; // a grammar takes nothing behind it
            }
            if (position < end && token != history.get(position)) {
                return; // the drafts from here on are wrong
            }
        }
    }

    private SampledToken describe(int token, int position, MemorySegment logits, SamplingParameters parameters) {
        var sampled = SampledToken.newBuilder().setToken(token).setPosition(position).setPiece(piece(token, parameters))
                .setEndOfGeneration(vocabulary.isEndOfGeneration(token));
        if (parameters.getLogprobs() || parameters.getTopLogprobs() != 0) {
            var probabilities = LogProbabilities.of(logits);
            sampled.setLogprob(probabilities.of(token));
            int wanted = Math.clamp(parameters.getTopLogprobs(), 0, Math.min(MAX_TOP_LOGPROBS, vocabulary.size()));
            for (int likely : probabilities.top(wanted)) {
                sampled.addTop(TokenLogprob.newBuilder().setToken(likely).setPiece(piece(likely, parameters))
                        .setLogprob(probabilities.of(likely)));
            }
        }
        return sampled.build();
    }

    private ByteString piece(int token, SamplingParameters parameters) {
        ByteString piece = ByteString.copyFrom(vocabulary.piece(token));
        if (!piece.isEmpty() || parameters.getShownControlTokensCount() == 0) {
            return piece;
        }
        ByteString name = ByteString.copyFrom(vocabulary.piece(token, true));
        return name.isValidUtf8() && parameters.getShownControlTokensList().contains(name.toStringUtf8())
                ? name
                : piece;
    }

    private void forget(int slot, int fromPosition) {
        switch (sequences[slot]) {
            case SlotSequence.Sampling(_, SlotSampler sampler) -> sampler.forget(fromPosition);
            case SlotSequence.Pooling(PooledStates states) -> states.truncate(fromPosition);
            case SlotSequence.None _,SlotSequence.Refused _ -> {
            }
        }
    }

    private void end(int slot) {
        if (sequences[slot] instanceof SlotSequence.Sampling(_, SlotSampler sampler)) {
            sampler.close();
        }
        sequences[slot] = new SlotSequence.None();
    }

    void clear() {
        for (int slot = 0; slot < histories.length; slot++) {
            histories[slot].truncate(0);
            end(slot);
        }
    }

    @Override
    public void close() {
        clear();
        candidates.close();
    }
}
