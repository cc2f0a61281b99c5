package org.barnraiser.worker.llama;

import java.lang.foreign.MemorySegment;

/** Functions of llama.h that are the same in both ABIs; bound with the prefix {@code llama_}. */
interface LlamaFunctions {
    /** Names of by-value structs, for {@link Struct}. */
    String MODEL_PARAMS = "llama_model_params";
    String CONTEXT_PARAMS = "llama_context_params";
    String BATCH = "llama_batch";

    void backendInit();

    MemorySegment printSystemInfo();

    MemorySegment modelLoadFromFile(MemorySegment path, @Struct(MODEL_PARAMS) MemorySegment params);

    void modelFree(MemorySegment model);

    MemorySegment initFromModel(MemorySegment model, @Struct(CONTEXT_PARAMS) MemorySegment params);

    void free(MemorySegment context);

    int modelNLayer(MemorySegment model);

    int modelNEmbd(MemorySegment model);

    int modelNHead(MemorySegment model);

    int modelNHeadKv(MemorySegment model);

    int modelNCtxTrain(MemorySegment model);

    boolean modelHasEncoder(MemorySegment model);

    boolean modelIsRecurrent(MemorySegment model);

    int modelMetaValStr(MemorySegment model, MemorySegment key, MemorySegment buffer, long bufferSize);

    int modelDesc(MemorySegment model, MemorySegment buffer, long bufferSize);

    MemorySegment modelGetVocab(MemorySegment model);

    MemorySegment adapterLoraInit(MemorySegment model, MemorySegment path);

    int nCtx(MemorySegment context);

    int nBatch(MemorySegment context);

    int nUbatch(MemorySegment context);

    int nSeqMax(MemorySegment context);

    int nThreads(MemorySegment context);

    int nThreadsBatch(MemorySegment context);

    int decode(MemorySegment context, @Struct(BATCH) MemorySegment batch);

    MemorySegment getLogitsIth(MemorySegment context, int row);

    int vocabType(MemorySegment vocab);

    int vocabNTokens(MemorySegment vocab);

    int vocabBos(MemorySegment vocab);

    int vocabEos(MemorySegment vocab);

    boolean vocabGetAddBos(MemorySegment vocab);

    boolean vocabIsEog(MemorySegment vocab, int token);

    boolean vocabIsControl(MemorySegment vocab, int token);

    int tokenize(MemorySegment vocab, MemorySegment text, int textLength, MemorySegment tokens, int maxTokens,
            boolean addSpecial, boolean parseSpecial);

    int tokenToPiece(MemorySegment vocab, int token, MemorySegment buffer, int length, int leadingSpacesToSkip,
            boolean special);
}
