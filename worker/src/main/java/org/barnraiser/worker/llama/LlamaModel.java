package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/**
 * A loaded model. Safe for use by several threads. Closing it while contexts or sampler chains of it are open is fine: the weights are
 * freed with the last of them.
 */
public final class LlamaModel implements AutoCloseable {
    private static final int DESCRIPTION_BYTES = 256;

    private final LlamaLibrary library;
    private final GgufFile file;
    private final ModelOptions options;
    private final SharedPointer pointer;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final int layerCount;
    private final int embeddingLength;
    private final int trainedContextTokens;
    private final String description;
    private final Vocabulary vocabulary;
    private final AttentionHeads heads;

    private LlamaModel(LlamaLibrary library, GgufFile file, ModelOptions options, MemorySegment model) {
        this.library = library;
        this.file = file;
        this.options = options;
        LlamaFunctions llama = library.llama();
        pointer = new SharedPointer("the model " + file.path().getFileName(), model, llama::modelFree);
        layerCount = llama.modelNLayer(model);
        embeddingLength = llama.modelNEmbd(model);
        trainedContextTokens = llama.modelNCtxTrain(model);
        description = describe(llama, model);
        vocabulary = new Vocabulary(library, pointer);
        heads = AttentionHeads.of(llama, model);
    }

    static LlamaModel load(LlamaLibrary library, Path path, ModelOptions options) throws ModelLoadException {
        GgufFile file = GgufFile.check(path);
        if (file.byteSize() > options.memoryLimitBytes()) {
            throw new ModelLoadException("the model file " + path + " has " + file.byteSize() + " bytes, but only "
                    + options.memoryLimitBytes() + " bytes of memory may be used");
        }
        long mark = library.log().mark();
        try (Arena arena = Arena.ofConfined()) {
            Abi abi = library.abiFunctions();
            ParameterStruct.Values params = abi.layout().model().copyOf(library.probe().modelDefaults(), arena);
            params.set("n_gpu_layers", options.gpuLayers());
            if (options.devices().isPresent()) {
                params.set("devices", library.deviceArray(options.devices().get(), arena));
            }
            abi.setMemoryMapping(params, options.useMmap());
            MemorySegment model = library.llama()
                    .modelLoadFromFile(arena.allocateFrom(path.toAbsolutePath().toString()), params.memory());
            if (NativeMemory.isNull(model)) {
                throw new ModelLoadException("llama.cpp " + library.abi() + " cannot load the model file " + path
                        + library.log().problemsSince(mark));
            }
            return new LlamaModel(library, file, options, model);
        }
    }

    /** Layers of the file, which for a shard are those of its range. */
    public int layerCount() {
        return layerCount;
    }

    /** Width of hidden states (n_embd). */
    public int embeddingLength() {
        return embeddingLength;
    }

    /** Positions that the model was trained for. */
    public int trainedContextTokens() {
        return trainedContextTokens;
    }

    /** Architecture, size and file type, for people. */
    public String description() {
        return description;
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Makes a KV cache and compute buffers. The thread that first uses the context owns it. */
    public LlamaContext newContext(ContextOptions contextOptions) throws ContextException {
        return LlamaContext.create(this, contextOptions);
    }

    /**
     * Loads an adapter that was cut as this model was. To be done before contexts are made, which take room for what it computes.
     *
     * @param path of a file that was checked: llama.cpp trusts it
     */
    public LoraAdapter loadAdapter(Path path) throws ModelLoadException {
        GgufFile.check(path);
        long mark = library.log().mark();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment adapter = library.llama().adapterLoraInit(pointer.get(),
                    arena.allocateFrom(path.toAbsolutePath().toString()));
            if (NativeMemory.isNull(adapter)) {
                throw new ModelLoadException("llama.cpp " + library.abi() + " cannot load the adapter "
                        + path.getFileName() + library.log().problemsSince(mark));
            }
            return new LoraAdapter(this, adapter);
        }
    }

    /** An empty chain over this model's vocabulary. */
    public SamplerChain newSamplerChain() {
        return new SamplerChain(this);
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            pointer.release();
        }
    }

    LlamaLibrary library() {
        return library;
    }

    SharedPointer pointer() {
        return pointer;
    }

    /** Bytes of the weights and of a KV cache of so many cells, as far as they can be told from outside. */
    public long estimatedBytes(int contextTokens, CacheType cacheType) {
        return file.byteSize() + heads.bytesPerToken(cacheType) * layerCount * contextTokens;
    }

    AttentionHeads heads() {
        return heads;
    }

    long memoryLimitBytes() {
        return options.memoryLimitBytes();
    }

    private static String describe(LlamaFunctions llama, MemorySegment model) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(JAVA_BYTE, DESCRIPTION_BYTES);
            llama.modelDesc(model, buffer, buffer.byteSize());
            return buffer.getString(0);
        }
    }
}
