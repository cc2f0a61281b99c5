package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.barnraiser.coordinator.api.embeddings.Embedding;
import org.barnraiser.coordinator.fair.FairQueue;
import org.barnraiser.coordinator.fair.Share;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters;
import org.jspecify.annotations.Nullable;

/** Has the texts of one request computed, a few at a time, so that a request of a thousand texts waits in turn like any other. */
final class EmbeddingLoop {
    /** Texts of one request that run or wait for a slot at the same time. */
    private static final int AT_ONCE = 4;

    private final AnswerStream stream;
    private final List<ImmutableIntArray> texts;
    private final int length;
    private final SamplingParameters sampling;
    private final FairQueue turns;
    private final Share share;
    private final ApiMetrics metrics;
    private final @Nullable Embedding[] embeddings;
    private int started;

    /** @param stream nothing of which was started yet */
    EmbeddingLoop(AnswerStream stream, List<ImmutableIntArray> texts, EmbeddingRequest request, FairQueue turns,
            Share share, ApiMetrics metrics) {
        this.stream = stream;
        this.texts = texts;
        length = request.shape().length();
        sampling = SamplingParameters.newBuilder().setPooling(request.shape().pooling())
                .addAllAdapters(request.adapters().uses()).build();
        this.turns = turns;
        this.share = share;
        this.metrics = metrics;
        embeddings = new @Nullable Embedding[texts.size()];
    }

    /** Runs to the end; blocks. The embeddings come in the order of the texts. */
    List<Embedding> run(Duration timeLimit) throws ApiException, ClientGoneException, InterruptedException {
        long start = System.nanoTime();
        while (started < Math.min(AT_ONCE, texts.size())) {
            startNext();
        }
        for (int left = texts.size(); left > 0;) {
            long nanosLeft = timeLimit.toNanos() - (System.nanoTime() - start);
            Optional<AnswerEvent> event = nanosLeft > 0 ? stream.next(Duration.ofNanos(nanosLeft)) : Optional.empty();
            if (event.isEmpty()) {
                throw new ApiException(ApiError.tookTooLong(timeLimit.toSeconds()));
            }
            switch (event.get()) {
                case AnswerEvent.Token(int text, SampledToken token) -> embeddings[text] = embedding(token);
                case AnswerEvent.End(int text, GenerationEnd end) -> {
                    check(text, end);
                    left--;
                    if (started < texts.size()) {
                        startNext();
                    }
                }
                case AnswerEvent.BrokenOff(AnswerEvent.Cause cause) -> throw AnswerLoop.brokenOff(cause);
            }
        }
        return Arrays.stream(embeddings).map(Objects::requireNonNull).toList();
    }

    private Embedding embedding(SampledToken token) throws ApiException {
        if (token.getEmbeddingCount() != length) {
            throw new ApiException(ApiError.generationFailed(
                    "The machines gave something that is no embedding of this model.", false));
        }
        return Embedding.normalised(token.getEmbeddingList());
    }

    private void startNext() throws ApiException {
        int text = started++;
        metrics.sequenceStarted();
        try {
            stream.started(text, turns.generate(share, new GenerationRequest(texts.get(text), 1, sampling),
                    stream.listener(text)));
        } catch (ModelUnavailableException unavailable) {
            metrics.sequenceEnded();
            throw ApiException.of(unavailable);
        } catch (RuntimeException refused) {
            metrics.sequenceEnded();
            throw refused;
        }
    }

    private void check(int text, GenerationEnd end) throws ApiException {
        if (end instanceof GenerationEnd.Failed(String reason, boolean retryable)) {
            throw new ApiException(ApiError.generationFailed(reason, retryable));
        }
        if (embeddings[text] == null) {
            throw new ApiException(ApiError.generationFailed("The text was given up before it was read.", true));
        }
    }
}
