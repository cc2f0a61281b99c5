package org.barnraiser.coordinator.gguf;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/** A GGUF of which only the first bytes are here yet, the rest of it being a hole of the right length. */
public final class PartialHeader {

    private PartialHeader() {}

    /**
     * Whether all that comes before the weights is here.
     *
     * @param presentBytes how much of the file is here
     * @throws GgufException when the file is no GGUF, however much more of it comes
     */
    public static boolean isWhole(Path file, long presentBytes) throws GgufException {
        try (Arena arena = Arena.ofConfined()) {
            GgufFile read = GgufFile.open(file, 0, arena);
            if (presentBytes >= read.map().byteSize()) {
                return true;
            }
            // Without a tensor nothing tells where the header ends.
            return read.tensors().stream().mapToLong(TensorInfo::offsetBytes).min()
                    .orElse(Long.MAX_VALUE) <= presentBytes;
        } catch (GgufException e) {
            if (e.kind() == Kind.NOT_GGUF || e.kind() == Kind.UNSUPPORTED_VERSION || e.kind() == Kind.UNREADABLE) {
                throw e;
            }
            return false;
        }
    }
}
