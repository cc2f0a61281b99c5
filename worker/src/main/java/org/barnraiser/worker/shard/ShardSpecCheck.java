package org.barnraiser.worker.shard;

import java.util.HashMap;
import java.util.Map;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.TokenEmbedding;

/** Refuses a shard description that is malformed, contradicts itself, or is too large, before anything acts on it. */
public final class ShardSpecCheck {
    static final int MAX_SEGMENTS = 200_000;
    static final long MAX_LITERAL_BYTES = 64L << 20;
    static final long MAX_FILE_BYTES = 16L << 40;
    static final int MAX_LAYERS = 1024;
    static final int MAX_EMBEDDING_LENGTH = 1 << 17;
    static final int MAX_VOCABULARY = 1 << 24;
    private static final int MAX_NAME_LENGTH = 256;

    private final Map<String, Long> lengths = new HashMap<>();

    private ShardSpecCheck() {}

    /** Returns normally if the description may be acted on. */
    public static void check(ShardSpec spec) throws InvalidShardSpecException {
        var check = new ShardSpecCheck();
        requireHex("shard_id", spec.getShardId());
        requireHex("model_digest", spec.getModelDigest());
        require(spec.getArchitecture().length() <= MAX_NAME_LENGTH, "the architecture's name is too long");
        checkLayers(spec.getLayers());
        requireRange("embedding_length", spec.getEmbeddingLength(), 1, MAX_EMBEDDING_LENGTH);
        requireRange("vocabulary_size", spec.getVocabularySize(), 1, MAX_VOCABULARY);
        requireRange("context_length", spec.getContextLength(), 1, Integer.MAX_VALUE);
        check.checkSegments(spec);
        require(spec.getHead() == spec.hasEmbedding(), "a head, and only a head, carries the token embedding");
        if (spec.hasEmbedding()) {
            check.checkEmbedding(spec);
        }
    }

    private static void checkLayers(LayerRange layers) throws InvalidShardSpecException {
        requireRange("layers.last", layers.getLast(), 1, MAX_LAYERS);
        requireRange("layers.first", layers.getFirst(), 0, layers.getLast() - 1);
    }

    private void checkSegments(ShardSpec spec) throws InvalidShardSpecException {
        requireRange("the number of segments", spec.getSegmentsCount(), 1, MAX_SEGMENTS);
        requireRange("file_size_bytes", spec.getFileSizeBytes(), 1, MAX_FILE_BYTES);
        long size = 0;
        long literalBytes = 0;
        for (Segment segment : spec.getSegmentsList()) {
            long length = switch (segment.getContentCase()) {
                case LITERAL -> segment.getLiteral().size();
                case PIECE -> checkPiece(segment.getPiece());
                case HOLE_BYTES -> segment.getHoleBytes();
                case CONTENT_NOT_SET -> throw invalid("a segment has no content");
            };
            requireRange("a segment's length", length, 1, MAX_FILE_BYTES);
            size += length; // at most 200,000 x 16 TiB, which a long holds
            literalBytes += segment.getLiteral().size();
        }
        require(literalBytes <= MAX_LITERAL_BYTES, "its literal bytes are more than " + MAX_LITERAL_BYTES);
        require(size == spec.getFileSizeBytes(),
                "its segments sum to " + size + " bytes, but file_size_bytes is " + spec.getFileSizeBytes());
    }

    private long checkPiece(Piece piece) throws InvalidShardSpecException {
        require(piece.getTensorName().length() <= MAX_NAME_LENGTH, "a tensor's name is too long");
        requireHex("a piece's sha256", piece.getSha256());
        requireRange("a piece's length", piece.getLengthBytes(), 1, MAX_FILE_BYTES);
        Long before = lengths.putIfAbsent(piece.getSha256(), piece.getLengthBytes());
        require(before == null || before == piece.getLengthBytes(), "one digest is given two lengths");
        return piece.getLengthBytes();
    }

    private void checkEmbedding(ShardSpec spec) throws InvalidShardSpecException {
        TokenEmbedding embedding = spec.getEmbedding();
        long length = checkPiece(embedding.getPiece());
        require(embedding.getColumns() == spec.getEmbeddingLength(), "the embedding's columns differ from n_embd");
        require(embedding.getRows() == spec.getVocabularySize(), "the embedding's rows differ from the vocabulary");
        require(length % embedding.getRows() == 0, "the embedding's bytes do not divide into its rows");
        requireRange("the embedding's ggml_type", embedding.getGgmlType(), 0, 255);
        require(Float.isFinite(embedding.getScale()) && embedding.getScale() > 0,
                "the embedding's scale is not a positive number");
    }

    private static void requireHex(String what, String text) throws InvalidShardSpecException {
        require(Sha256.isHex(text), what + " is not 64 lower-case hex digits");
    }

    private static void requireRange(String what, long value, long min, long max) throws InvalidShardSpecException {
        require(value >= min && value <= max, what + " is " + value + ", outside " + min + ".." + max);
    }

    private static void require(boolean condition, String problem) throws InvalidShardSpecException {
        if (!condition) {
            throw invalid(problem);
        }
    }

    private static InvalidShardSpecException invalid(String problem) {
        return new InvalidShardSpecException("The shard's description is refused: " + problem + ".");
    }
}
