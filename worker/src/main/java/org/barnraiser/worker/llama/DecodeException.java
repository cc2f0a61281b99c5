package org.barnraiser.worker.llama;

/** A batch or cache edit that was refused or failed. The KV cache is as it was before the call. */
public final class DecodeException extends LlamaException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    DecodeException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    DecodeException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** Why, as llama_decode's return codes tell it apart. */
    public enum Kind {
        /** No room in the KV cache (return code 1): drop a sequence or send fewer rows. */
        CACHE_FULL,
        /** An abort callback ended the computation (return code 2). */
        ABORTED,
        /** The batch contradicts the context's state or limits; nothing was computed (checked here, or return code -1). */
        INVALID,
        /** llama.cpp failed to compute (return codes below -1). */
        FAILED
    }
}
