package org.barnraiser.worker.stage;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.proto.CacheEdit;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.Span;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepFailure;
import org.barnraiser.proto.StepFailure.Kind;
import org.barnraiser.proto.StepResult;
import org.barnraiser.worker.llama.Batch;
import org.barnraiser.worker.llama.ContextOptions;
import org.barnraiser.worker.llama.DecodeException;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.ModelOptions;
import org.barnraiser.worker.llama.Vocabulary;
import org.barnraiser.worker.shard.FileRange;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.jspecify.annotations.Nullable;

/**
 * One stage of a pipeline: a shard, its KV cache, and at the tail the samplers. No network; the thread that processes the
 * first step owns the engine.
 *
 * <p>A step is checked against the stage's state before native code sees it. Its cache edits are applied in order, then its
 * spans are computed together. When they cannot be, the step goes on with a {@link StepFailure}, and later stages apply
 * the edits alone. <b>After a failed step</b> the stages before the failing one hold the step's positions, while the
 * failing one and those after it hold none of them. So the driver drops them everywhere, by a {@code Drop} from each
 * span's start position among the edits of a later step, before it feeds these slots again; steps for other slots are not
 * affected. Steps that were already under way for such a slot fail as BAD_STEP at the latest where the failure was, since
 * a span must continue what the cache holds. In the same way the driver drops the positions of drafts that VERIFY did not
 * accept.
 */
public final class StageEngine implements AutoCloseable {
    private final ShardSpec spec;
    private final StageSettings settings;
    private final StepCheck check;
    private final LlamaModel model;
    private final StageAdapters adapters;
    private final LlamaContext context;
    private final Batch batch;
    private final @Nullable EmbeddingTable embeddings;
    private final @Nullable TailSlots tail;
    private final @Nullable TailOutputs outputs;
    private final SlotLengths lengths;

    private StageEngine(ShardSpec spec, StageSettings settings, LlamaModel model, StageAdapters adapters,
            LlamaContext context, @Nullable EmbeddingTable embeddings) {
        this.spec = spec;
        this.settings = settings;
        this.model = model;
        this.adapters = adapters;
        this.context = context;
        this.embeddings = embeddings;
        check = new StepCheck(settings, spec.getVocabularySize(), spec.getEmbeddingLength());
        batch = Batch.ofEmbeddings(settings.maxStepTokens(), spec.getEmbeddingLength());
        tail = spec.getTail() ? new TailSlots(model, settings.slots()) : null;
        outputs = tail == null ? null : new TailOutputs(tail);
        lengths = new SlotLengths(settings.slots());
    }

    /**
     * Loads the shard. Takes as long as reading it does.
     *
     * @param file the shard's GGUF
     * @param embedding the head's token embedding, empty for other stages
     * @param memoryLimitBytes for the weights and the KV cache
     * @throws InvalidShardSpecException when the file is not what the specification says
     */
    public static StageEngine open(LlamaLibrary library, Path file, ShardSpec spec, Optional<FileRange> embedding,
            StageSettings settings, long memoryLimitBytes)
            throws LlamaException, IOException, InvalidShardSpecException, InsufficientMemoryException {
        return open(library, file, spec, embedding, settings, Map.of(), memoryLimitBytes);
    }

    /**
     * Loads the shard as {@link #open(LlamaLibrary, Path, ShardSpec, Optional, StageSettings, long)} does, with adapters.
     *
     * @param adapterFiles the adapters' parts for the shard's layers by digest, those of the settings; empty for an adapter that has none
     */
    public static StageEngine open(LlamaLibrary library, Path file, ShardSpec spec, Optional<FileRange> embedding,
            StageSettings settings, Map<String, Optional<Path>> adapterFiles, long memoryLimitBytes)
            throws LlamaException, IOException, InvalidShardSpecException, InsufficientMemoryException {
        var options = new ModelOptions(settings.gpuLayers(), true, memoryLimitBytes, settings.devices());
        EmbeddingTable embeddings = null;
        LlamaModel model = null;
        StageAdapters adapters = null;
        try {
            if (spec.getHead()) {
                var decoder = library.types().rowDecoder(spec.getEmbedding().getGgmlType());
                var range = embedding
                        .orElseThrow(() -> new InvalidShardSpecException("A head needs the token embedding."));
                embeddings = EmbeddingTable.map(range, spec.getEmbedding(), decoder);
            }
            model = library.loadModel(file, options);
            requireAgreement(spec, model);
            long memoryBytes = model.estimatedBytes(settings.cacheTokens(), settings.cacheType());
            if (memoryBytes > memoryLimitBytes) {
                throw new InsufficientMemoryException(memoryBytes, memoryLimitBytes);
            }
            adapters = StageAdapters.load(model, adapterFiles);
            var contextOptions = new ContextOptions(settings.cacheTokens(), settings.maxStepTokens(), settings.slots(),
                    settings.threads(), !spec.getTail(), settings.cacheType());
            LlamaContext context = model.newContext(spec.getTail() ? contextOptions.withNormed() : contextOptions);
            return new StageEngine(spec, settings, model, adapters, context, embeddings);
        } catch (LlamaException | IOException | InvalidShardSpecException | InsufficientMemoryException
                | RuntimeException e) {
            if (embeddings != null) {
                embeddings.close();
            }
            if (adapters != null) {
                adapters.close();
            }
            if (model != null) {
                model.close();
            }
            throw e;
        }
    }

    private static void requireAgreement(ShardSpec spec, LlamaModel model) throws InvalidShardSpecException {
        int layers = spec.getLayers().getLast() - spec.getLayers().getFirst();
        if (model.layerCount() != layers || model.embeddingLength() != spec.getEmbeddingLength()) {
            throw new InvalidShardSpecException("The shard's file has " + model.layerCount() + " layers of width "
                    + model.embeddingLength() + ", but its description says " + layers + " of width "
                    + spec.getEmbeddingLength() + ".");
        }
        if (spec.getTail() && model.vocabulary().size() != spec.getVocabularySize()) {
            throw new InvalidShardSpecException("The shard's file has " + model.vocabulary().size()
                    + " tokens, but its description says " + spec.getVocabularySize() + ".");
        }
    }

    public ShardSpec spec() {
        return spec;
    }

    public StageSettings settings() {
        return settings;
    }

    /** The model's tokens; only a tail has their texts. Safe for use by any thread. */
    public Vocabulary vocabulary() {
        return model.vocabulary();
    }

    /** What the weights, the head's table of words among them, and the KV cache take, as far as it can be told. */
    public long memoryBytes() {
        return model.estimatedBytes(settings.cacheTokens(), settings.cacheType()) + adapters.bytes()
                + tableBytes(spec);
    }

    /** What the head's table of words takes beside the shard's file; 0 when it is in that file as well. */
    public static long tableBytes(ShardSpec spec) {
        Piece table = spec.getEmbedding().getPiece();
        boolean contained = spec.getSegmentsList().stream()
                .anyMatch(segment -> segment.hasPiece() && segment.getPiece().getSha256().equals(table.getSha256()));
        return spec.hasEmbedding() && !contained ? table.getLengthBytes() : 0;
    }

    /**
     * Computes a step on a head or middle stage, and returns the step to hand on.
     *
     * @param queueMicros how long the step has waited for the engine, for its timing
     */
    public Step process(Step step, StagePlace place, long queueMicros) {
        if (spec.getTail()) {
            throw new IllegalStateException("A tail finishes steps");
        }
        long started = System.nanoTime();
        Step.Builder next = step.toBuilder().clearHidden();
        StepFailure failure = compute(step, place);
        if (failure != null) {
            next.setFailure(failure);
        } else if (step.getTokensCount() > 0) {
            next.setHidden(HiddenStateCodec.encode(place.wire(), context.hiddenStates()));
        }
        return next.addTimings(Timing.since(started, place.index(), queueMicros)).build();
    }

    /** Computes a step on the tail and samples. */
    public StepResult finish(Step step, StagePlace place, long queueMicros) {
        if (tail == null) {
            throw new IllegalStateException("Only a tail finishes steps");
        }
        long started = System.nanoTime();
        var result = StepResult.newBuilder().setEpoch(step.getEpoch()).setNumber(step.getNumber());
        StepFailure failure = compute(step, place);
        if (failure != null) {
            result.setFailure(failure);
        } else {
            sample(step, tail, result);
            draft(step, place, tail, result);
        }
        return result.addAllTimings(step.getTimingsList())
                .addTimings(Timing.since(started, place.index(), queueMicros)).build();
    }

    /** Empties the KV cache and ends all sequences. */
    public void clear() throws LlamaException {
        context.clear();
        lengths.clear();
        if (tail != null) {
            tail.clear();
        }
    }

    /** Applies edits and computes spans; returns why not, or null. */
    private @Nullable StepFailure compute(Step step, StagePlace place) {
        try {
            check.checkEdits(step);
            for (CacheEdit edit : step.getEditsList()) {
                apply(edit);
            }
            if (step.hasFailure()) {
                return step.getFailure();
            }
            check.checkSpans(step, lengths);
            adapters.check(step.getAdaptersList());
            if (embeddings == null) {
                check.checkHidden(step);
            }
            if (step.getSpansCount() > 0) {
                fill(step);
                adapters.use(context, step.getAdaptersList());
                if (outputs == null || !outputs.isWanted(step)) {
                    context.decode(batch);
                } else {
                    context.decodeNormed(batch, outputs.leavesSampling(step));
                }
                extend(step);
            }
            return null;
        } catch (RefusedStepException e) {
            return step.hasFailure() ? step.getFailure() : failure(place, e.kind(), e.getMessage());
        } catch (DecodeException e) {
            return failure(place, switch (e.kind()) {
                case CACHE_FULL -> Kind.CACHE_FULL;
                case INVALID -> Kind.BAD_STEP;
                case ABORTED, FAILED -> Kind.ENGINE;
            }, e.getMessage());
        }
    }

    private static StepFailure failure(StagePlace place, Kind kind, @Nullable String reason) {
        return StepFailure.newBuilder().setStageIndex(place.index()).setKind(kind)
                .setReason(String.valueOf(reason)).build();
    }

    private void apply(CacheEdit edit) throws DecodeException {
        switch (edit.getEditCase()) {
            case DROP -> {
                var drop = edit.getDrop();
                context.dropRange(drop.getSlot(), drop.getFromPosition(), drop.getToPosition());
                lengths.drop(drop.getSlot(), drop.getFromPosition(), drop.getToPosition());
                if (tail != null) {
                    tail.truncate(drop.getSlot(), lengths.get(drop.getSlot()));
                }
            }
            case COPY -> {
                var copy = edit.getCopy();
                context.copyRange(copy.getFromSlot(), copy.getToSlot(), copy.getToPosition());
                int copied = lengths.copy(copy.getFromSlot(), copy.getToSlot(), copy.getToPosition());
                if (tail != null) {
                    tail.copy(copy.getFromSlot(), copy.getToSlot(), copied);
                }
            }
            case BEGIN -> {
                if (tail != null) {
                    tail.begin(edit.getBegin());
                }
            }
            case EDIT_NOT_SET -> throw new IllegalStateException("An edit that was checked is empty");
        }
    }

    /** Rows of the batch, in the order of the step's tokens. */
    private void fill(Step step) {
        batch.clear();
        int row = 0;
        for (Span span : step.getSpansList()) {
            for (int i = 0; i < span.getTokenCount(); i++) {
                MemorySegment values = batch.addEmbedding(span.getStartPosition() + i, span.getSlot(),
                        outputs == null || outputs.wantsOutput(span, i));
                if (embeddings != null) {
                    embeddings.lookUp(step.getTokens(row), values);
                }
                row++;
            }
        }
        if (embeddings == null) {
            HiddenStateCodec.decode(step.getHidden(), batch.embeddings());
        }
    }

    /** Records that the step's tokens are in the cache. */
    private void extend(Step step) {
        int row = 0;
        for (Span span : step.getSpansList()) {
            lengths.extend(span.getSlot(), span.getTokenCount());
            for (int i = 0; i < span.getTokenCount(); i++, row++) {
                if (tail != null) {
                    tail.append(span.getSlot(), step.getTokens(row));
                }
            }
        }
    }

    private void sample(Step step, TailSlots slots, StepResult.Builder result) {
        if (outputs != null) {
            outputs.collect(step, context);
        }
        int row = 0;
        for (Span span : step.getSpansList()) {
            int first = row;
            if (span.getWanted() != Span.Wanted.NOTHING) {
                result.addSpans(slots.sample(span, index -> context.logits(first + index)));
            }
            row += span.getTokenCount();
        }
    }

    /** Where drafts are wanted, what was sampled last is fed and the next token sampled; whatever ends that early, what there is counts. */
    private void draft(Step step, StagePlace place, TailSlots slots, StepResult.Builder result) {
        Drafts drafts = new Drafts(step, result);
        for (Optional<Step> next = drafts.next(); next.isPresent() && compute(next.get(), place) == null; next = drafts
                .next()) {
            var more = StepResult.newBuilder();
            sample(next.get(), slots, more);
            drafts.add(more);
        }
    }

    /** To be called by the owning thread. */
    @Override
    public void close() {
        if (tail != null) {
            tail.close();
        }
        context.close();
        batch.close();
        adapters.close();
        model.close();
        if (embeddings != null) {
            embeddings.close();
        }
    }
}
