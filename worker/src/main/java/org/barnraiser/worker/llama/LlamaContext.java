package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.barnraiser.worker.llama.DecodeException.Kind;
import org.barnraiser.worker.llama.HiddenStateCapture.Wanted;
import org.jspecify.annotations.Nullable;

/**
 * A model's KV cache and compute buffers. One thread owns a context: the one that first uses it; from any other, every method throws
 * {@link IllegalStateException}. When the owner has ended, whoever closes the context may.
 *
 * <p>The KV cache has {@code contextTokens} cells that all slots share. Positions of a slot start at 0 and follow each other; a batch
 * may mix slots, row by row, in any order.
 */
public final class LlamaContext implements AutoCloseable {
    /** Of all contexts that cannot compute beside each other; fair, so that none starves beside a busy one. */
    private static final ReentrantLock TURN = new ReentrantLock(true);

    private final LlamaModel model;
    private final ContextOptions options;
    private final LlamaFunctions llama;
    private final Abi abi;
    private final EngineLog log;
    private final Arena arena;
    private final MemorySegment context;
    private final @Nullable HiddenStateCapture capture;
    private final CacheFunctions cacheFunctions;
    private final MemorySegment cache;
    private final SlotPositions positions;
    private final int inputLength;
    private final BatchOutputs outputs;
    private final OwningThread owner = new OwningThread("the context");
    /** Held while this computes. */
    private final ReentrantLock turn;
    /** Whether the last batch was computed to its end. */
    private boolean hasLogits;
    private boolean closed;

    private LlamaContext(LlamaModel model, ContextOptions options, Arena arena, MemorySegment context,
            @Nullable HiddenStateCapture capture) {
        this.model = model;
        this.options = options;
        LlamaLibrary library = model.library();
        llama = library.llama();
        abi = library.abiFunctions();
        log = library.log();
        this.arena = arena;
        this.context = context;
        this.capture = capture;
        hasLogits = !options.captureHiddenStates();
        cacheFunctions = abi.cacheFunctions();
        cache = abi.cacheOf(context);
        positions = new SlotPositions(options.slots());
        inputLength = abi.inputLength(model.pointer().get(), model.embeddingLength());
        outputs = new BatchOutputs(llama, context, model.vocabulary().size());
        turn = abi.computesSideBySide() ? new ReentrantLock() : TURN;
    }

    static LlamaContext create(LlamaModel model, ContextOptions options) throws ContextException {
        requireSupported(model, options);
        model.pointer().retain();
        Arena arena = Arena.ofShared();
        try {
            return create(model, options, arena);
        } catch (ContextException | RuntimeException e) {
            arena.close();
            model.pointer().release();
            throw e;
        }
    }

    private static LlamaContext create(LlamaModel model, ContextOptions options, Arena arena) throws ContextException {
        LlamaLibrary library = model.library();
        HiddenStateCapture capture = options.captureHiddenStates() || options.captureNormed()
                ? capture(model, options, arena)
                : null;
        long mark = library.log().mark();
        MemorySegment context = library.llama().initFromModel(model.pointer().get(),
                params(library, options, capture, arena).memory());
        if (NativeMemory.isNull(context)) {
            throw new ContextException("llama.cpp cannot make a context of " + options.contextTokens() + " tokens and "
                    + options.slots() + " slots" + library.log().problemsSince(mark));
        }
        return new LlamaContext(model, options, arena, context, capture);
    }

    /**
     * Computes the batch's rows and adds them to the KV cache (llama_decode). When capturing hidden states, every row must be marked
     * as output. On an exception nothing of the batch stays in the cache.
     */
    public void decode(Batch batch) throws DecodeException {
        decode(batch, options.captureHiddenStates() ? Wanted.STATES : Wanted.NOTHING);
    }

    /**
     * Computes the batch's rows as {@link #decode(Batch)} does, for their {@link #normedStates()}.
     *
     * @param logitsToo whether logits are wanted as well; without them the output matrix is not computed
     */
    public void decodeNormed(Batch batch, boolean logitsToo) throws DecodeException {
        if (!options.captureNormed()) {
            throw new IllegalStateException("this context does not capture what the output matrix takes");
        }
        decode(batch, logitsToo ? Wanted.STATES_AND_LOGITS : Wanted.STATES);
    }

    private void decode(Batch batch, Wanted wanted) throws DecodeException {
        checkOwner();
        check(batch);
        if (capture != null) {
            capture.begin(wanted);
        }
        hasLogits = wanted != Wanted.STATES;
        long mark = log.mark();
        outputs.clear();
        int code = computeInTurn(batch);
        if (code != 0) {
            forget(batch);
            throw failure(code, batch, mark);
        }
        if (capture != null && capture.problem(batch.outputRows()).isPresent()) {
            forget(batch);
            throw new DecodeException(Kind.FAILED, capture.problem(batch.outputRows()).orElseThrow());
        }
        positions.advance(batch);
    }

    /**
     * Computes with these adapters of the model alone from now on.
     *
     * @param scales one for each
     */
    public void useAdapters(List<LoraAdapter> adapters, float[] scales) throws DecodeException {
        checkOwner();
        MemorySegment[] pointers = adapters.stream().map(adapter -> adapter.pointer(model))
                .toArray(MemorySegment[]::new);
        if (!abi.setAdapters(context, pointers, scales)) {
            throw new DecodeException(Kind.FAILED, "llama.cpp cannot compute with these adapters");
        }
    }

    /** The last layer's output for every row of the last batch, f32 [rows x n_embd]; read-only, valid until the next decode. */
    public MemorySegment hiddenStates() {
        checkOwner();
        if (capture == null || !options.captureHiddenStates()) {
            throw new IllegalStateException("this context does not capture hidden states");
        }
        return capture.states();
    }

    /**
     * What the output matrix takes, or would take, for every row of the last batch that was marked as output, in their order,
     * f32 [outputs x n_embd]; read-only, valid until the next decode. Empty unless it was {@link #decodeNormed}.
     */
    public MemorySegment normedStates() {
        checkOwner();
        if (capture == null || !options.captureNormed()) {
            throw new IllegalStateException("this context does not capture what the output matrix takes");
        }
        return capture.states();
    }

    /** The logits of a row of the last batch that was marked as output, f32 [n_vocab]; read-only, valid until the next decode. */
    public MemorySegment logits(int row) {
        checkOwner();
        if (!hasLogits) {
            throw new IllegalStateException("the last batch was computed for hidden states and has no logits");
        }
        return outputs.logits(row);
    }

    /** Forgets positions [from, to) of a slot; {@code to} 0 means the end. */
    public void dropRange(int slot, int from, int to) throws DecodeException {
        checkOwner();
        positions.requireSlot(slot);
        if (from < 0 || to < 0) {
            throw new DecodeException(Kind.INVALID, "positions " + from + " to " + to + " cannot be dropped");
        }
        boolean toEnd = to == 0 || to >= positions.next(slot);
        if (!toEnd && from >= to) {
            return;
        }
        if (!cacheFunctions.seqRm(cache, slot, from, toEnd ? -1 : to)) {
            throw new DecodeException(Kind.FAILED,
                    "llama.cpp cannot drop positions " + from + " to " + to + " of slot " + slot + " of this model");
        }
        if (toEnd) {
            positions.truncate(slot, from);
        }
    }

    /**
     * Lets {@code toSlot} share positions [0, toPosition) of {@code fromSlot}, without any copying; {@code toPosition} 0 means all. What
     * {@code toSlot} held is forgotten first.
     */
    public void copyRange(int fromSlot, int toSlot, int toPosition) throws DecodeException {
        checkOwner();
        positions.requireSlot(fromSlot);
        positions.requireSlot(toSlot);
        if (fromSlot == toSlot || toPosition < 0) {
            throw new DecodeException(Kind.INVALID, "positions up to " + toPosition + " of slot " + fromSlot
                    + " cannot be copied to slot " + toSlot);
        }
        int held = positions.next(fromSlot);
        int end = toPosition == 0 ? held : Math.min(toPosition, held);
        dropRange(toSlot, 0, 0);
        if (end > 0) {
            cacheFunctions.seqCp(cache, fromSlot, toSlot, 0, end);
        }
        positions.replace(toSlot, end);
    }

    /** Empties the KV cache. */
    public void clear() throws DecodeException {
        for (int slot = 0; slot < options.slots(); slot++) {
            dropRange(slot, 0, 0);
        }
    }

    /** The last position that a slot holds, as llama.cpp counts, or -1 (where b4916 itself says 0). */
    public int positionMax(int slot) throws DecodeException {
        checkOwner();
        positions.requireSlot(slot);
        return positions.next(slot) == 0 ? -1 : cacheFunctions.seqPosMax(cache, slot);
    }

    /** KV cells, after llama.cpp's rounding. */
    public int contextTokens() {
        checkOwner();
        return llama.nCtx(context);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        owner.checkClose();
        closed = true;
        llama.free(context);
        arena.close();
        model.pointer().release();
    }

    MemorySegment pointer() {
        checkOwner();
        return context;
    }

    LlamaModel model() {
        return model;
    }

    private void checkOwner() {
        owner.check();
        if (closed) {
            throw new IllegalStateException("the context is closed");
        }
    }

    /** llama.cpp answers some of this with an assertion, which ends the process, and some not at all. */
    private void check(Batch batch) throws DecodeException {
        if (batch.rows() == 0 || batch.rows() > options.batchTokens()) {
            throw new DecodeException(Kind.INVALID,
                    "a batch of " + batch.rows() + " rows; expected 1 to " + options.batchTokens());
        }
        if (batch.holdsEmbeddings() && batch.embeddingLength() != inputLength) {
            throw new DecodeException(Kind.INVALID, "embeddings of " + batch.embeddingLength()
                    + " values; the model takes " + inputLength);
        }
        for (int row = 0; row < batch.rows(); row++) {
            if (!batch.holdsEmbeddings() && !model.vocabulary().contains(batch.token(row))) {
                throw new DecodeException(Kind.INVALID, "row " + row + " holds a token that the model does not have");
            }
            if (options.captureHiddenStates() && !batch.output(row)) {
                throw new DecodeException(Kind.INVALID,
                        "row " + row + " is not marked as output, so the last layer would leave it out");
            }
        }
        positions.check(batch);
    }

    /** Alone in this process where llama.cpp cannot do otherwise; results of contexts that compute at once would be garbage. */
    private int computeInTurn(Batch batch) {
        turn.lock();
        try {
            return log.withoutWarnings(() -> compute(batch, 0, batch.rows()));
        } finally {
            turn.unlock();
        }
    }

    /** Some rows of the batch at once, or in halves when only that may find room. */
    private int compute(Batch batch, int firstRow, int rowCount) {
        long mark = log.mark();
        int code = llama.decode(context, batch.struct(firstRow, rowCount));
        if (code == 0) {
            if (hasLogits) {
                outputs.add(batch, firstRow, rowCount);
            }
            return 0;
        }
        if (rowCount == 1 || !abi.needsNeighbouringCells() || !abi.lacksRoom(code, log.problemsSince(mark))) {
            return code;
        }
        int half = rowCount / 2;
        int firstCode = compute(batch, firstRow, half);
        return firstCode != 0 ? firstCode : compute(batch, firstRow + half, rowCount - half);
    }

    private DecodeException failure(int code, Batch batch, long mark) {
        String problems = log.problemsSince(mark);
        if (abi.lacksRoom(code, problems)) {
            return new DecodeException(Kind.CACHE_FULL, "the KV cache of " + options.contextTokens()
                    + " tokens has no room for " + batch.rows() + " more");
        }
        return switch (code) {
            case 2 -> new DecodeException(Kind.ABORTED, "the computation was aborted");
            case -1 -> new DecodeException(Kind.INVALID, "llama.cpp refused the batch" + problems);
            default -> new DecodeException(Kind.FAILED, "llama.cpp failed with code " + code + problems);
        };
    }

    /** Takes what a failed batch may have left out of the cache. */
    private void forget(Batch batch) {
        for (int row = 0; row < batch.rows(); row++) {
            int slot = batch.slot(row);
            cacheFunctions.seqRm(cache, slot, positions.next(slot), -1);
        }
    }

    private static HiddenStateCapture capture(LlamaModel model, ContextOptions options, Arena arena)
            throws ContextException {
        try {
            int rows = options.batchTokens();
            return options.captureHiddenStates()
                    ? HiddenStateCapture.ofLayer(model.library(), model.layerCount() - 1, model.embeddingLength(), rows,
                            arena)
                    : HiddenStateCapture.ofNormed(model.library(), model.embeddingLength(), rows, arena);
        } catch (LibraryException e) {
            throw new ContextException("hidden states cannot be captured: " + e.getMessage());
        }
    }

    private static ParameterStruct.Values params(LlamaLibrary library, ContextOptions options,
            @Nullable HiddenStateCapture capture, Arena arena) {
        Abi abi = library.abiFunctions();
        ParameterStruct.Values params = abi.layout().context().copyOf(library.probe().contextDefaults(), arena)
                .set("n_ctx", options.contextTokens()).set("n_batch", options.batchTokens())
                .set("n_ubatch", options.batchTokens()).set("n_seq_max", options.slots())
                .set("n_threads", options.threads()).set("n_threads_batch", options.threads());
        abi.setCacheDefaults(params);
        abi.setFlashAttention(params, FlashAttention.of(options.cacheType(), options.slots()));
        params.set("type_k", options.cacheType().ggmlType()).set("type_v", options.cacheType().ggmlType());
        if (capture != null) {
            params.set("cb_eval", capture.callback());
        }
        return params;
    }

    private static void requireSupported(LlamaModel model, ContextOptions options) throws ContextException {
        MemorySegment pointer = model.pointer().get();
        if (model.library().llama().modelHasEncoder(pointer)) {
            throw new ContextException("models with an encoder are not supported");
        }
        boolean stateful = model.library().llama().modelIsRecurrent(pointer)
                || model.library().abiFunctions().isHybrid(pointer);
        if (stateful && options.captureHiddenStates()) {
            // llama.cpp computes their batches sequence by sequence, so rows would come out in another order.
            throw new ContextException("recurrent models cannot be split");
        }
        model.heads().requireWholeBlocks(options.cacheType(), model.library().abiFunctions());
        long needed = model.estimatedBytes(options.contextTokens(), options.cacheType());
        if (needed > model.memoryLimitBytes()) {
            throw new ContextException("the model and a KV cache of " + options.contextTokens() + " tokens need about "
                    + needed + " bytes, but only " + model.memoryLimitBytes() + " bytes of memory may be used");
        }
    }
}
