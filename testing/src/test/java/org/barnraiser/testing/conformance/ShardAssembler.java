package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.barnraiser.coordinator.gguf.MappedFiles;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;

/** Puts a shard file together from its description, as plainly as the description reads. */
public final class ShardAssembler {

    private ShardAssembler() {}

    public static void assemble(MappedFiles model, ShardSpec spec, Path file) throws IOException {
        try (var out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Segment segment : spec.getSegmentsList()) {
                switch (segment.getContentCase()) {
                    case LITERAL -> out.write(segment.getLiteral().asReadOnlyByteBuffer());
                    case PIECE -> {
                        Piece piece = segment.getPiece();
                        out.write(
                                model.bytes(piece.getFileIndex(), piece.getSourceOffsetBytes(), piece.getLengthBytes())
                                        .asByteBuffer());
                    }
                    case HOLE_BYTES -> out.position(out.position() + segment.getHoleBytes());
                    case CONTENT_NOT_SET -> throw new IllegalArgumentException("A segment without content");
                }
            }
            if (out.size() < spec.getFileSizeBytes()) {
                out.write(ByteBuffer.allocate(1), spec.getFileSizeBytes() - 1);
            }
        }
    }
}
