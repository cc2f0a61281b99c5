package org.barnraiser.worker.shard;

import java.nio.file.Path;

/** Bytes [offset, offset + length) of a file. */
public record FileRange(Path file, long offsetBytes, long lengthBytes) {}
