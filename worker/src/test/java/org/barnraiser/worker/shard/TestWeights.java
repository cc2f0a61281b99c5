package org.barnraiser.worker.shard;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.TokenEmbedding;

/** Random tensors, shards of them, and a source that counts what is asked of it and can fail. */
final class TestWeights implements PieceSource {
    private final Map<String, byte[]> tensors = new HashMap<>();
    final List<String> asked = new ArrayList<>();
    int failAfterPieces = Integer.MAX_VALUE;
    boolean damage;
    boolean endless;

    Piece tensor(String name, int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        new Random(name.hashCode()).nextBytes(bytes);
        return register(name, bytes);
    }

    private Piece register(String name, byte[] bytes) {
        var digest = Sha256.newDigest();
        digest.update(bytes);
        String sha256 = Sha256.hex(digest);
        tensors.put(sha256, bytes);
        return Piece.newBuilder().setTensorName(name).setSha256(sha256).setLengthBytes(bytes.length).build();
    }

    byte[] bytes(Piece piece) {
        byte[] bytes = tensors.get(piece.getSha256());
        if (bytes == null) {
            throw new IllegalArgumentException("No such piece");
        }
        return bytes;
    }

    /** A middle shard: a header, then the pieces with a hole of 100 bytes after each. */
    static ShardSpec.Builder shard(String id, Piece... pieces) {
        var spec = ShardSpec.newBuilder().setShardId(id(id)).setModelDigest(id("model")).setArchitecture("llama")
                .setLayers(LayerRange.newBuilder().setFirst(1).setLast(2)).setEmbeddingLength(8).setVocabularySize(4)
                .setContextLength(64);
        spec.addSegments(Segment.newBuilder().setLiteral(ByteString.copyFromUtf8("header of " + id)));
        for (Piece piece : pieces) {
            spec.addSegments(Segment.newBuilder().setPiece(piece));
            spec.addSegments(Segment.newBuilder().setHoleBytes(100));
        }
        return spec.setFileSizeBytes(StoredLayout.of(spec.build()).sizeBytes());
    }

    static ShardSpec.Builder head(String id, Piece embedding, Piece... pieces) {
        return shard(id, pieces).setHead(true).setEmbedding(
                TokenEmbedding.newBuilder().setPiece(embedding).setRows(4).setColumns(8).setScale(1).setGgmlType(0));
    }

    static String id(String name) {
        var digest = Sha256.newDigest();
        digest.update(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return Sha256.hex(digest);
    }

    @Override
    public void read(String modelDigest, Piece piece, Sink sink) throws WeightsUnavailableException, IOException {
        asked.add(piece.getTensorName());
        byte[] bytes = bytes(piece).clone();
        if (damage) {
            bytes[bytes.length / 2] ^= 1;
        }
        int half = bytes.length / 2;
        sink.accept(ByteBuffer.wrap(bytes, 0, half));
        if (asked.size() > failAfterPieces) {
            throw new WeightsUnavailableException("The coordinator is gone.");
        }
        do {
            sink.accept(ByteBuffer.wrap(bytes, half, bytes.length - half));
        } while (endless);
    }
}
