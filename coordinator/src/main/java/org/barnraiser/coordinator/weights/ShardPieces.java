package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.ByteString;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;

/** The pieces that a shard is made of. */
public final class ShardPieces {
    private ShardPieces() {}

    /** Names of tensors by sha256 (32 bytes), the token embedding included. */
    public static ImmutableMap<ByteString, String> of(ShardSpec shard) {
        ImmutableMap.Builder<ByteString, String> pieces = ImmutableMap.builder();
        shard.getSegmentsList().stream().filter(Segment::hasPiece).map(Segment::getPiece)
                .forEach(piece -> put(pieces, piece));
        if (shard.hasEmbedding()) {
            put(pieces, shard.getEmbedding().getPiece());
        }
        return pieces.buildKeepingLast();
    }

    private static void put(ImmutableMap.Builder<ByteString, String> pieces, Piece piece) {
        pieces.put(ByteString.fromHex(piece.getSha256()), piece.getTensorName());
    }
}
