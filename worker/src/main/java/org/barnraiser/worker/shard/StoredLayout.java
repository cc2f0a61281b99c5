package org.barnraiser.worker.shard;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;

/**
 * What a stored file consists of. Beside the file lies its layout as a {@link ShardSpec} without literals: header bytes are
 * recorded by their digest, so that every byte of the file can be verified.
 *
 * @param name 64 hex digits that name the file
 * @param extents without gaps, from offset 0
 */
record StoredLayout(String name, String modelDigest, List<Extent> extents) {
    static StoredLayout of(ShardSpec spec) {
        var extents = new ArrayList<Extent>(spec.getSegmentsCount());
        long offset = 0;
        for (Segment segment : spec.getSegmentsList()) {
            Extent extent = switch (segment.getContentCase()) {
                case LITERAL -> literal(segment.getLiteral(), offset);
                case PIECE -> new Extent(segment.getPiece(), offset, Optional.empty());
                case HOLE_BYTES -> new Extent(Piece.newBuilder().setLengthBytes(segment.getHoleBytes()).build(),
                        offset, Optional.empty());
                case CONTENT_NOT_SET -> throw new IllegalArgumentException("A segment without content");
            };
            extents.add(extent);
            offset = extent.endBytes();
        }
        return new StoredLayout(spec.getShardId(), spec.getModelDigest(), List.copyOf(extents));
    }

    /** The layout of a file that is one piece alone, named by the piece's digest. */
    static StoredLayout of(String modelDigest, Piece piece) {
        return new StoredLayout(piece.getSha256(), modelDigest, List.of(new Extent(piece, 0, Optional.empty())));
    }

    private static Extent literal(ByteString bytes, long offset) {
        var digest = Sha256.newDigest();
        digest.update(bytes.asReadOnlyByteBuffer());
        var piece = Piece.newBuilder().setTensorName(Extent.HEADER).setSha256(Sha256.hex(digest))
                .setLengthBytes(bytes.size());
        return new Extent(piece.build(), offset, Optional.of(bytes));
    }

    /** The same without header bytes, which are large and only needed to write them. */
    StoredLayout withoutLiterals() {
        return new StoredLayout(name, modelDigest, extents.stream()
                .map(extent -> new Extent(extent.piece(), extent.offsetBytes(), Optional.empty())).toList());
    }

    /** The form that is kept on disk. */
    ShardSpec record() {
        var spec = ShardSpec.newBuilder().setShardId(name).setModelDigest(modelDigest).setFileSizeBytes(sizeBytes());
        for (Extent extent : extents) {
            spec.addSegments(extent.isHole()
                    ? Segment.newBuilder().setHoleBytes(extent.lengthBytes())
                    : Segment.newBuilder().setPiece(extent.piece()));
        }
        return spec.build();
    }

    /** Length of the file, holes included. */
    long sizeBytes() {
        return extents.isEmpty() ? 0 : extents.getLast().endBytes();
    }

    /** What the file takes on disk when complete: everything but the holes. */
    long storedBytes() {
        return extents.stream().filter(extent -> !extent.isHole()).mapToLong(Extent::lengthBytes).sum();
    }

    boolean sameContent(StoredLayout other) {
        if (extents.size() != other.extents.size()) {
            return false;
        }
        for (int i = 0; i < extents.size(); i++) {
            if (!extents.get(i).sameContent(other.extents.get(i))) {
                return false;
            }
        }
        return true;
    }
}
