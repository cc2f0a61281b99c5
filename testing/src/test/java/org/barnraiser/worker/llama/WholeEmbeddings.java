package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

/** The reference for embeddings: the uncut model in a context of llama.cpp's that is made for them. */
public final class WholeEmbeddings {
    /** b4916 pools models that generate in an encoder's graph alone. */
    private static final int NO_POOLING = 0;

    private WholeEmbeddings() {}

    /** What llama.cpp says each of the tokens means, not normalised, in a context of so many slots. */
    public static List<float[]> of(LlamaLibrary library, Path file, List<Integer> tokens, int slots)
            throws LlamaException {
        try (LlamaModel model = library.loadModel(file, ModelOptions.defaults());
                Batch batch = Batch.ofTokens(tokens.size());
                Arena arena = Arena.ofConfined()) {
            Abi abi = library.abiFunctions();
            ParameterStruct.Values params = abi.layout().context().copyOf(library.probe().contextDefaults(), arena)
                    .set("n_ctx", 512).set("n_batch", tokens.size()).set("n_ubatch", tokens.size())
                    .set("n_seq_max", slots).set("n_threads", 1).set("n_threads_batch", 1).set("embeddings", true)
                    .set("pooling_type", NO_POOLING);
            abi.setCacheDefaults(params);
            abi.setFlashAttention(params, FlashAttention.of(CacheType.F16, slots));
            for (int i = 0; i < tokens.size(); i++) {
                batch.addToken(tokens.get(i), i, 0, true);
            }
            MemorySegment context = library.llama().initFromModel(model.pointer().get(), params.memory());
            try {
                if (NativeMemory.isNull(context)
                        || library.llama().decode(context, batch.struct(0, batch.rows())) != 0) {
                    throw new IllegalStateException("llama.cpp cannot compute the embedding");
                }
                MethodHandle get = library.functions().handle("llama_get_embeddings_ith",
                        FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
                List<float[]> rows = new ArrayList<>();
                for (int i = 0; i < tokens.size(); i++) {
                    rows.add(NativeMemory.view(row(get, context, i), model.embeddingLength() * JAVA_FLOAT.byteSize())
                            .toArray(JAVA_FLOAT));
                }
                return rows;
            } finally {
                library.llama().free(context);
            }
        }
    }

    private static MemorySegment row(MethodHandle get, MemorySegment context, int index) {
        try {
            return (MemorySegment) get.invokeExact(context, index);
        } catch (Throwable e) {
            throw new IllegalStateException("llama.cpp tells no embedding", e);
        }
    }
}
