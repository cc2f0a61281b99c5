package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

/**
 * Tells the ABI of a library by the defaults that it writes into oversized structs. Version strings say too little: forks and
 * distributions change them, and layouts change without them.
 *
 * @param modelDefaults what llama_model_default_params wrote, followed by untouched bytes
 * @param contextDefaults what llama_context_default_params wrote, followed by untouched bytes
 */
record AbiProbe(MemorySegment modelDefaults, MemorySegment contextDefaults) {
    private static final long OVERSIZE_BYTES = 512;
    private static final MemoryLayout OVERSIZED = MemoryLayout
            .structLayout(MemoryLayout.sequenceLayout(OVERSIZE_BYTES / JAVA_LONG.byteSize(), JAVA_LONG));

    static AbiProbe of(NativeFunctions functions, Arena arena) throws LibraryException {
        return new AbiProbe(defaults(functions, "llama_model_default_params", arena),
                defaults(functions, "llama_context_default_params", arena));
    }

    /** The layout that the defaults fit without any difference. */
    AbiLayout recognize(String library) throws LibraryException {
        for (AbiLayout layout : AbiLayout.KNOWN) {
            if (difference(layout).isEmpty()) {
                return layout;
            }
        }
        throw new LibraryException(AbiLayout.KNOWN.stream()
                .map(layout -> "it is not " + layout.abi() + " (" + difference(layout).orElseThrow() + ")")
                .collect(Collectors.joining(", ", "the struct layout of " + library + " is unknown: ",
                        ". Use a llama.cpp of one of these versions, or no --llama-lib for the one that comes along")));
    }

    /** Layouts of the structs that are passed by value, by name. */
    static Map<String, MemoryLayout> structs(AbiLayout layout) {
        return Map.of(LlamaFunctions.MODEL_PARAMS, layout.model().layout(), LlamaFunctions.CONTEXT_PARAMS,
                layout.context().layout(), LlamaFunctions.BATCH, Batch.LAYOUT);
    }

    private Optional<String> difference(AbiLayout layout) {
        return layout.model().difference(modelDefaults).or(() -> layout.context().difference(contextDefaults));
    }

    /** Structs of this size are returned through a hidden pointer, so a larger one than C's own only leaves bytes untouched. */
    private static MemorySegment defaults(NativeFunctions functions, String symbol, Arena arena)
            throws LibraryException {
        MethodHandle handle = functions.handle(symbol, FunctionDescriptor.of(OVERSIZED));
        SegmentAllocator filled = (size, alignment) -> arena.allocate(size, alignment).fill(ParameterStruct.UNTOUCHED);
        try {
            return (MemorySegment) handle.invokeExact(filled);
        } catch (Throwable e) {
            throw new LibraryException(symbol + " could not be called: " + e.getMessage(), e);
        }
    }
}
