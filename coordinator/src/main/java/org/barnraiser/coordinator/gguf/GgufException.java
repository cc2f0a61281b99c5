package org.barnraiser.coordinator.gguf;

import java.io.IOException;

/** A model file that cannot be used. The message is one sentence naming the file, what is wrong and where. */
public sealed class GgufException extends IOException permits UnsupportedModelException {
    private static final long serialVersionUID = 1L;

    /** What went wrong, for programs. */
    public enum Kind {
        /** The file is missing, or the operating system would not read it. */
        UNREADABLE,
        /** The file does not begin as a GGUF does. */
        NOT_GGUF,
        /** A GGUF version or byte order that is not read here. */
        UNSUPPORTED_VERSION,
        /** The file ends before something it announced. */
        TRUNCATED,
        /** A count, size or depth beyond any real model's. */
        LIMIT_EXCEEDED,
        /** A metadata key or value that breaks the format. */
        BAD_METADATA,
        /** A required metadata key is absent. */
        MISSING_METADATA,
        /** A tensor description that breaks the format. */
        BAD_TENSOR,
        /** Files of a split set that do not belong together. */
        BAD_SPLIT,
        /** Well-formed, but the parts contradict each other: shapes, counts, vocabulary. */
        BAD_MODEL,
        /** Well-formed, but not a model that can be hosted. */
        UNSUPPORTED_MODEL
    }

    private final Kind kind;

    GgufException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    GgufException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What went wrong, for programs. */
    public Kind kind() {
        return kind;
    }
}
