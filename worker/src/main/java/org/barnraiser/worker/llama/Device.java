package org.barnraiser.worker.llama;

/**
 * Something that ggml computes on.
 *
 * @param totalBytes its memory, 0 when ggml does not know
 * @param freeBytes of that, at the moment of asking
 */
public record Device(String name, String description, Kind kind, long totalBytes, long freeBytes) {
    /** What a device is, for the planner. */
    public enum Kind {
        CPU,
        GPU,
        /** Helps the CPU with matrices and has no memory of its own (BLAS, AMX). */
        ACCELERATOR
    }
}
