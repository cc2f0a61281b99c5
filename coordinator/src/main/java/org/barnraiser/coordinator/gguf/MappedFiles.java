package org.barnraiser.coordinator.gguf;

import java.lang.foreign.MemorySegment;

/** Files that are mapped here and whose bytes may be read until they are closed. */
@FunctionalInterface
public interface MappedFiles {
    /**
     * Bytes of one file, as a view into the map. If another process shortens the file, reading the view throws {@link InternalError};
     * once the files are closed this or that throws {@link IllegalStateException}.
     */
    MemorySegment bytes(int fileIndex, long offsetBytes, long lengthBytes);
}
