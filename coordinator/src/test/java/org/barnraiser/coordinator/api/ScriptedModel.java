package org.barnraiser.coordinator.api;

import com.google.common.primitives.ImmutableIntArray;
import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.barnraiser.coordinator.model.AdapterDescription;
import org.barnraiser.coordinator.model.EmbeddingShape;
import org.barnraiser.coordinator.model.Generation;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.coordinator.model.GenerationListener;
import org.barnraiser.coordinator.model.GenerationRequest;
import org.barnraiser.coordinator.model.HostedModel;
import org.barnraiser.coordinator.model.ModelDescription;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.barnraiser.coordinator.model.Readiness;
import org.barnraiser.coordinator.model.TextPart;
import org.barnraiser.proto.SampledToken;
import org.barnraiser.proto.SamplingParameters.Pooling;
import org.barnraiser.proto.TokenLogprob;

/**
 * A hosted model in memory: a token is a byte, and an answer is what the test's script says. Without a script it answers
 * "Hello" and ends.
 */
final class ScriptedModel implements HostedModel {
    static final String NAME = "barn-model";
    static final String DIGEST = "ab".repeat(32);
    static final int CONTEXT_TOKENS = 200;

    /** What one generation says; runs on a thread of its own. */
    interface Script {
        GenerationEnd run(Speaker speaker) throws InterruptedException;
    }

    /** One generation as a script and a test see it. */
    static final class Speaker implements Generation {
        final int index;
        final GenerationRequest request;
        final CountDownLatch cancelled = new CountDownLatch(1);
        private final GenerationListener listener;
        private int position;

        private Speaker(int index, GenerationRequest request, GenerationListener listener) {
            this.index = index;
            this.request = request;
            this.listener = listener;
        }

        Speaker say(String piece) {
            return say(piece.getBytes(StandardCharsets.UTF_8));
        }

        Speaker say(String piece, float logprob) {
            listener.onToken(SampledToken.newBuilder().setToken(position).setPosition(position++)
                    .setPiece(ByteString.copyFromUtf8(piece)).setLogprob(logprob).build());
            return this;
        }

        Speaker say(byte[] piece) {
            SampledToken.Builder token = SampledToken.newBuilder().setToken(position).setPosition(position++)
                    .setPiece(ByteString.copyFrom(piece));
            if (request.sampling().getLogprobs()) {
                token.setLogprob(-0.5f);
                for (int i = 0; i < request.sampling().getTopLogprobs(); i++) {
                    token.addTop(TokenLogprob.newBuilder().setToken(i)
                            .setPiece(i == 0 ? token.getPiece() : ByteString.copyFromUtf8("alt" + i))
                            .setLogprob(i == 1 ? Float.NEGATIVE_INFINITY : -0.5f - i));
                }
            }
            listener.onToken(token.build());
            return this;
        }

        /** What the text means. */
        Speaker mean(Float... pooled) {
            listener.onToken(SampledToken.newBuilder().addAllEmbedding(List.of(pooled)).build());
            return this;
        }

        Speaker remember(int promptTokens) {
            listener.onPromptReused(promptTokens);
            return this;
        }

        Speaker guess(int guesses, int right) {
            listener.onGuessed(guesses, right);
            return this;
        }

        Speaker pause(String reason) {
            listener.onPause(reason);
            return this;
        }

        Speaker resume() {
            listener.onResume();
            return this;
        }

        boolean isCancelled() {
            return cancelled.getCount() == 0;
        }

        @Override
        public void cancel() {
            cancelled.countDown();
        }
    }

    private final Optional<String> template;

    ScriptedModel() {
        template = Optional.empty();
    }

    ScriptedModel(String template) {
        this.template = Optional.of(template);
    }

    final List<Speaker> started = new CopyOnWriteArrayList<>();
    final List<List<TextPart>> tokenized = new CopyOnWriteArrayList<>();
    volatile Script script = speaker -> {
        speaker.say("Hel").say("lo");
        return new GenerationEnd.EndOfGeneration();
    };
    /** Whether the vocabulary has all it takes to fill in the middle. */
    volatile boolean hasMiddle;
    volatile Optional<EmbeddingShape> embedding = Optional.of(new EmbeddingShape(2, Pooling.MEAN));
    volatile List<AdapterDescription> adapters = List.of();
    volatile Readiness readiness = new Readiness.Ready();
    volatile Optional<ModelUnavailableException> refusal = Optional.empty();
    final AtomicBoolean brokenTokenizer = new AtomicBoolean();
    /** Calls to the tail that are still to fail. */
    final AtomicInteger deafTail = new AtomicInteger();

    @Override
    public ModelDescription description() {
        int context = template.isEmpty() ? CONTEXT_TOKENS : 20 * CONTEXT_TOKENS;
        return new ModelDescription(NAME, DIGEST, "llama", context, 256, 1_700_000_000, template, "<s>",
                "</s>", embedding, adapters, Optional.of("apache-2.0"));
    }

    @Override
    public Readiness readiness() {
        return readiness;
    }

    @Override
    public ImmutableIntArray tokenize(List<TextPart> parts, boolean addSpecial) throws ModelUnavailableException {
        if (deafTail.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            throw new ModelUnavailableException("The worker that holds the vocabulary does not answer.", 5);
        }
        if (brokenTokenizer.get()) {
            throw new IllegalStateException("secret " + parts);
        }
        tokenized.add(parts);
        ImmutableIntArray.Builder tokens = ImmutableIntArray.builder();
        for (TextPart part : parts) {
            String text = part.parseSpecial()
                    ? part.text().replace("<|im_end|>", "\0").replace("<fim_prefix>", "\1")
                            .replace("<fim_suffix>", "\2").replace("<fim_middle>", hasMiddle ? "\3" : "<fim_middle>")
                    : part.text();
            for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
                tokens.add(Byte.toUnsignedInt(value));
            }
        }
        return tokens.build();
    }

    @Override
    public ByteString detokenize(ImmutableIntArray tokens) {
        byte[] bytes = new byte[tokens.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) tokens.get(i);
        }
        return ByteString.copyFrom(bytes);
    }

    @Override
    public Generation generate(GenerationRequest request, GenerationListener listener)
            throws ModelUnavailableException {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        Speaker speaker = new Speaker(started.size(), request, listener);
        started.add(speaker);
        listener.onReading(request.promptTokens().length());
        Thread.ofVirtual().start(() -> {
            GenerationEnd end;
            try {
                end = script.run(speaker);
            } catch (InterruptedException interrupted) {
                end = new GenerationEnd.Failed("interrupted", false);
            }
            listener.onEnd(speaker.isCancelled() ? new GenerationEnd.Cancelled() : end);
        });
        return speaker;
    }
}
