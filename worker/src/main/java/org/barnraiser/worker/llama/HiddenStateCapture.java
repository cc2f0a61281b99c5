package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

/**
 * Takes hidden states out of the graph with the evaluation callback (cb_eval): the last layer's output, or what the output norm makes of it.
 *
 * <p>llama.cpp asks for every node whether it is wanted, and calls again for a wanted one when it is computed; returning false then
 * ends the graph, so that what comes behind, such as the output matrix, is never computed. A batch that llama.cpp splits comes in parts,
 * in the order of its rows.
 */
final class HiddenStateCapture {
    /** What llama.cpp calls the input of the output matrix, in every architecture. */
    private static final String NORMED = "result_norm";

    /** What becomes of a batch's graph. */
    enum Wanted {
        /** It is computed, and nothing is taken. */
        NOTHING,
        /** It is computed up to the hidden states. */
        STATES,
        /** It is computed to its end. */
        STATES_AND_LOGITS
    }

    /** GGML_MAX_NAME: names lie in a field of this size. */
    private static final long NAME_BYTES = 64;

    private final GgmlFunctions ggml;
    private final MethodHandle getName;
    private final MemorySegment wantedName;
    private final MemorySegment states;
    private final MemorySegment callback;
    private final int embeddingLength;
    private int rows;
    private Wanted wanted = Wanted.NOTHING;
    private @Nullable Throwable failure;

    /** Of the last layer's output. */
    static HiddenStateCapture ofLayer(LlamaLibrary library, int layer, int embeddingLength, int maxRows, Arena arena)
            throws LibraryException {
        return new HiddenStateCapture(library, "l_out-" + layer, embeddingLength, maxRows, arena);
    }

    /** Of what the output matrix takes. */
    static HiddenStateCapture ofNormed(LlamaLibrary library, int embeddingLength, int maxRows, Arena arena)
            throws LibraryException {
        return new HiddenStateCapture(library, NORMED, embeddingLength, maxRows, arena);
    }

    private HiddenStateCapture(LlamaLibrary library, String node, int embeddingLength, int maxRows, Arena arena)
            throws LibraryException {
        ggml = library.ggml();
        getName = library.functions().handle("ggml_get_name", FunctionDescriptor.of(ADDRESS, ADDRESS),
                Linker.Option.critical(false));
        wantedName = arena.allocateFrom(node);
        this.embeddingLength = embeddingLength;
        states = arena.allocate(JAVA_FLOAT, (long) maxRows * embeddingLength);
        callback = callback(arena);
    }

    /** {@code bool (struct ggml_tensor * t, bool ask, void * user_data)}. */
    MemorySegment callback() {
        return callback;
    }

    /** Before a batch. */
    void begin(Wanted ofBatch) {
        wanted = ofBatch;
        rows = 0;
        failure = null;
    }

    /** After a batch: why not all of its rows are here, or nothing. */
    Optional<String> problem(int expectedRows) {
        if (wanted == Wanted.NOTHING) {
            return Optional.empty();
        }
        if (failure != null) {
            return Optional.of("the hidden states cannot be read: " + failure);
        }
        return rows == expectedRows
                ? Optional.empty()
                : Optional.of("the last layer gave " + rows + " rows of " + expectedRows
                        + "; its architecture is not one that can be split");
    }

    /** f32 [rows x embeddingLength] of the last batch. */
    MemorySegment states() {
        return states.asSlice(0, rows * rowBytes()).asReadOnly();
    }

    /** Called by llama.cpp for every node. An exception here would end the process. */
    @SuppressWarnings("unused") // called through a method handle
    private boolean onNode(MemorySegment tensor, boolean ask, MemorySegment userData) {
        try {
            if (ask) {
                return wanted != Wanted.NOTHING && isWanted(tensor);
            }
            append(tensor);
            return wanted == Wanted.STATES_AND_LOGITS;
        } catch (Throwable e) {
            failure = e;
        }
        return false;
    }

    private boolean isWanted(MemorySegment tensor) throws Throwable {
        MemorySegment name = NativeMemory.view((MemorySegment) getName.invokeExact(tensor), NAME_BYTES);
        return MemorySegment.mismatch(name, 0, wantedName.byteSize(), wantedName, 0, wantedName.byteSize()) < 0;
    }

    private void append(MemorySegment tensor) {
        long tensorRows = ggml.nrows(tensor);
        long bytes = ggml.nbytes(tensor);
        if (ggml.nelements(tensor) != tensorRows * embeddingLength || bytes != tensorRows * rowBytes()) {
            throw new IllegalStateException("the hidden states are not f32 [rows x " + embeddingLength + "]");
        }
        ggml.backendTensorGet(tensor, states.asSlice(rows * rowBytes(), bytes), 0, bytes);
        rows += (int) tensorRows;
    }

    private long rowBytes() {
        return embeddingLength * JAVA_FLOAT.byteSize();
    }

    @SuppressWarnings("restricted")
    private MemorySegment callback(Arena arena) {
        try {
            MethodHandle handle = MethodHandles.lookup().bind(this, "onNode",
                    MethodType.methodType(boolean.class, MemorySegment.class, boolean.class, MemorySegment.class));
            return Linker.nativeLinker().upcallStub(handle,
                    FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_BOOLEAN, ADDRESS), arena);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the evaluation callback cannot be made", e);
        }
    }
}
