package org.barnraiser.coordinator.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.barnraiser.coordinator.hash.Sha256;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;

import static org.assertj.core.api.Assertions.assertThat;

/** Puts a shard file together as a worker does. */
final class ShardAssembly {
    private ShardAssembly() {}

    static Path assemble(ShardSpec spec, ModelFile model, Path directory) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Segment segment : spec.getSegmentsList()) {
            switch (segment.getContentCase()) {
                case LITERAL -> bytes.writeBytes(segment.getLiteral().toByteArray());
                case HOLE_BYTES -> bytes.writeBytes(new byte[(int) segment.getHoleBytes()]);
                case PIECE -> bytes.writeBytes(verified(segment.getPiece(), model));
                case CONTENT_NOT_SET -> throw new AssertionError("a segment without content");
            }
        }
        assertThat(bytes.size()).isEqualTo(spec.getFileSizeBytes());
        return Files.write(directory.resolve(spec.getShardId() + ".gguf"), bytes.toByteArray());
    }

    static byte[] verified(Piece piece, ModelFile model) {
        MemorySegment bytes = model.bytes(piece.getFileIndex(), piece.getSourceOffsetBytes(), piece.getLengthBytes());
        assertThat(Sha256.of(bytes)).as(piece.getTensorName()).isEqualTo(piece.getSha256());
        return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
}
