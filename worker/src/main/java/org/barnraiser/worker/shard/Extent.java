package org.barnraiser.worker.shard;

import com.google.protobuf.ByteString;
import java.util.Optional;
import org.barnraiser.proto.Piece;

/**
 * One run of bytes in a stored file.
 *
 * @param piece name, digest and length; a hole has an empty digest, header bytes are a piece named "header"
 * @param offsetBytes where it lies in the stored file
 * @param literal the bytes themselves when the specification carried them
 */
record Extent(Piece piece, long offsetBytes, Optional<ByteString> literal) {
    static final String HEADER = "header";

    /** Whether these are bytes that come with every description of the shard, and so need not be kept for anybody. */
    boolean isHeader() {
        return piece.getTensorName().equals(HEADER);
    }

    boolean isHole() {
        return piece.getSha256().isEmpty();
    }

    long lengthBytes() {
        return piece.getLengthBytes();
    }

    long endBytes() {
        return offsetBytes + piece.getLengthBytes();
    }

    /** Whether both name the same bytes at the same place. */
    boolean sameContent(Extent other) {
        return offsetBytes == other.offsetBytes && lengthBytes() == other.lengthBytes()
                && piece.getSha256().equals(other.piece.getSha256());
    }
}
