package org.barnraiser.testing.conformance;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.TensorInfo;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.TokenEmbedding;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.RowDecoder;

/** Looks tokens up in the head's embedding table. */
final class EmbeddingTable {

    private final TokenEmbedding embedding;
    private final MemorySegment table;
    private final RowDecoder decoder;

    EmbeddingTable(LlamaLibrary llama, ModelFile model, TokenEmbedding embedding) throws LlamaException {
        this.embedding = embedding;
        Piece piece = embedding.getPiece();
        table = model.bytes(piece.getFileIndex(), piece.getSourceOffsetBytes(), piece.getLengthBytes());
        decoder = llama.types().rowDecoder(embedding.getGgmlType());
    }

    /** The model's own table. */
    static TokenEmbedding of(ModelFile model, float scale) {
        TensorInfo tensor = model.tensor("token_embd.weight").orElseThrow();
        return TokenEmbedding.newBuilder()
                .setPiece(Piece.newBuilder().setFileIndex(tensor.fileIndex()).setSourceOffsetBytes(tensor.offsetBytes())
                        .setLengthBytes(tensor.lengthBytes()))
                .setGgmlType(tensor.type().id()).setRows(Math.toIntExact(tensor.rows()))
                .setColumns(Math.toIntExact(tensor.columns())).setScale(scale).build();
    }

    /** The scaled embeddings of a step's tokens, f32 [tokens x n_embd]. */
    MemorySegment lookUp(Step step) {
        int columns = embedding.getColumns();
        var values = new float[step.getTokensCount() * columns];
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(ValueLayout.JAVA_FLOAT, columns);
            for (int i = 0; i < step.getTokensCount(); i++) {
                long rowBytes = decoder.rowBytes(columns);
                decoder.decode(table.asSlice(step.getTokens(i) * rowBytes, rowBytes), row, columns);
                for (int column = 0; column < columns; column++) {
                    values[i * columns + column] = row.getAtIndex(ValueLayout.JAVA_FLOAT, column)
                            * embedding.getScale();
                }
            }
        }
        return MemorySegment.ofArray(values);
    }
}
