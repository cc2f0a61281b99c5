package org.barnraiser.coordinator.weights;

import com.google.protobuf.ByteString;
import java.io.IOException;
import org.barnraiser.coordinator.gguf.MappedFiles;

/** Bytes of a file that is mapped here. */
final class MappedBytes implements PieceBytes {
    private final MappedFiles model;
    private final int fileIndex;
    private long nextByte;

    MappedBytes(MappedFiles model, int fileIndex, long offsetBytes) {
        this.model = model;
        this.fileIndex = fileIndex;
        nextByte = offsetBytes;
    }

    @Override
    public ByteString next(int atMost) throws IOException {
        try {
            ByteString bytes = ByteString.copyFrom(model.bytes(fileIndex, nextByte, atMost).asByteBuffer());
            nextByte += atMost;
            return bytes;
        } catch (IllegalStateException | InternalError e) {
            // The model has been closed, or its file was shortened.
            throw new IOException("the model's file can no longer be read here", e);
        }
    }

    @Override
    public void close() {
        // The map is the model's.
    }
}
