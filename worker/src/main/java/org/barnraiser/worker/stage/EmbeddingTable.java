package org.barnraiser.worker.stage;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import org.barnraiser.proto.TokenEmbedding;
import org.barnraiser.worker.llama.RowDecoder;
import org.barnraiser.worker.shard.FileRange;
import org.barnraiser.worker.shard.InvalidShardSpecException;

/**
 * The model's token embedding, mapped from disk. The head looks rows up here, because a head's shard carries no vocabulary
 * and llama.cpp is fed with embeddings.
 */
final class EmbeddingTable implements AutoCloseable {
    private static final long MAP_ALIGNMENT = 4096;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment table;
    private final RowDecoder decoder;
    private final int columns;
    private final long rowBytes;
    private final float scale;

    private EmbeddingTable(FileRange range, TokenEmbedding embedding, RowDecoder decoder)
            throws IOException, InvalidShardSpecException {
        this.decoder = decoder;
        this.columns = embedding.getColumns();
        this.rowBytes = decoder.rowBytes(columns);
        this.scale = embedding.getScale();
        if (range.lengthBytes() != rowBytes * embedding.getRows()) {
            throw new InvalidShardSpecException("The token embedding has " + range.lengthBytes() + " bytes, but "
                    + embedding.getRows() + " rows of " + columns + " values of type " + decoder.typeName() + " have "
                    + rowBytes * embedding.getRows() + ".");
        }
        // ggml's loops want the alignment that a tensor has in memory, which a page gives and a slice keeps.
        long start = range.offsetBytes() / MAP_ALIGNMENT * MAP_ALIGNMENT;
        long lead = range.offsetBytes() - start;
        try (var channel = FileChannel.open(range.file())) {
            table = channel.map(FileChannel.MapMode.READ_ONLY, start, lead + range.lengthBytes(), arena).asSlice(lead);
        }
    }

    /**
     * @throws InvalidShardSpecException when the bytes are not what the description says
     */
    static EmbeddingTable map(FileRange range, TokenEmbedding embedding, RowDecoder decoder)
            throws IOException, InvalidShardSpecException {
        try {
            return new EmbeddingTable(range, embedding, decoder);
        } catch (IllegalArgumentException e) {
            throw new InvalidShardSpecException("The token embedding does not fit its type: " + e.getMessage() + ".");
        }
    }

    /**
     * Writes the token's row, scaled, to native memory of f32 [columns].
     *
     * @param token below the number of rows
     */
    void lookUp(int token, MemorySegment row) {
        decoder.decode(table.asSlice(token * rowBytes, rowBytes), row, columns);
        if (scale != 1) {
            for (int i = 0; i < columns; i++) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, row.getAtIndex(ValueLayout.JAVA_FLOAT, i) * scale);
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
