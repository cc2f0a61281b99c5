package org.barnraiser.coordinator.gguf;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.barnraiser.coordinator.hash.Sha256;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;

/** A file that workers put together: header bytes made here, and pieces of files that are there. */
final class ShardSegments {
    private final List<Segment> segments = new ArrayList<>();
    private final ByteArrayOutputStream literal = new ByteArrayOutputStream();

    private ShardSegments() {}

    /**
     * The file that a writer describes.
     *
     * @param tensorPiece the data of a tensor; empty for zeros
     * @param arrayPiece the elements of a large array of the metadata
     */
    static List<Segment> of(GgufWriter writer, Function<String, Optional<Piece>> tensorPiece,
            Function<String, Piece> arrayPiece) {
        var made = new ShardSegments();
        long position = 0;
        for (HeaderPart part : writer.headerParts()) {
            switch (part) {
                case HeaderPart.Made bytes -> made.literal
                        .writeBytes(bytes.bytes().toArray(ValueLayout.JAVA_BYTE));
                case HeaderPart.View(String key, _) -> made.add(arrayPiece.apply(key));
            }
            position += part.bytes().byteSize();
        }
        for (TensorInfo tensor : writer.tensors()) {
            made.literal.writeBytes(new byte[(int) (tensor.offsetBytes() - position)]);
            tensorPiece.apply(tensor.name()).ifPresentOrElse(made::add, () -> {
                made.flush();
                made.segments.add(Segment.newBuilder().setHoleBytes(tensor.lengthBytes()).build());
            });
            position = tensor.offsetBytes() + tensor.lengthBytes();
        }
        made.flush();
        return made.segments;
    }

    private void add(Piece piece) {
        flush();
        segments.add(Segment.newBuilder().setPiece(piece).build());
    }

    private void flush() {
        if (literal.size() > 0) {
            segments.add(Segment.newBuilder().setLiteral(ByteString.copyFrom(literal.toByteArray())).build());
            literal.reset();
        }
    }

    /** Equal ids mean equal files. */
    static String id(List<Segment> segments) {
        StringBuilder description = new StringBuilder("barnraiser-shard 1\n");
        for (Segment segment : segments) {
            description.append(switch (segment.getContentCase()) {
                case LITERAL -> "literal " + Sha256.of(MemorySegment.ofArray(segment.getLiteral().toByteArray()));
                case PIECE -> "piece " + segment.getPiece().getSha256() + " " + segment.getPiece().getLengthBytes();
                case HOLE_BYTES -> "hole " + segment.getHoleBytes();
                case CONTENT_NOT_SET -> throw new IllegalStateException("a segment without content");
            }).append('\n');
        }
        return Sha256.of(description.toString());
    }

    static long lengthOf(List<Segment> segments) {
        return segments.stream().mapToLong(segment -> switch (segment.getContentCase()) {
            case LITERAL -> segment.getLiteral().size();
            case PIECE -> segment.getPiece().getLengthBytes();
            case HOLE_BYTES -> segment.getHoleBytes();
            case CONTENT_NOT_SET -> 0;
        }).sum();
    }
}
