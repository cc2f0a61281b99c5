package org.barnraiser.worker.stage;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.Segment;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.TokenEmbedding;
import org.barnraiser.worker.SecondLibrary;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.shard.FileRange;
import org.junit.jupiter.api.Assumptions;

/**
 * A whole model file that is described as one stage: head, tail, or both. It holds just enough of a GGUF reader to find the
 * token embedding.
 *
 * @param embedding where it lies in the file
 */
public record TestModel(Path file, int layers, int width, int vocabulary, int embeddingType, FileRange embedding) {
    private static final int STRING = 8;
    private static final int ARRAY = 9;
    private static final int[] SCALAR_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    /** 5 layers, 512 tokens, trained on short stories. */
    public static TestModel stories() {
        return open("models/stories260K.gguf", 5, 64, 512, 512L * 64 * 4);
    }

    /** 8 layers, 1536 tokens, chat. */
    public static TestModel demo() {
        return open("demo-model/barnraiser-demo.gguf", 8, 192, 1536, 1536L * 192 / 32 * 34);
    }

    /** The whole model as a single stage, or as a head whose hidden states are those of the last layer. */
    public ShardSpec spec(boolean head, boolean tail) {
        var spec = ShardSpec.newBuilder().setShardId(sha256(0, size())).setModelDigest("0".repeat(64))
                .setArchitecture("llama").setLayers(LayerRange.newBuilder().setLast(layers)).setHead(head).setTail(tail)
                .setEmbeddingLength(width).setVocabularySize(vocabulary).setContextLength(2048)
                .setFileSizeBytes(size()).addSegments(Segment.newBuilder().setPiece(
                        Piece.newBuilder().setTensorName("all").setSha256(sha256(0, size())).setLengthBytes(size())));
        if (head) {
            spec.setEmbedding(TokenEmbedding.newBuilder().setRows(vocabulary).setColumns(width).setScale(1)
                    .setGgmlType(embeddingType)
                    .setPiece(Piece.newBuilder().setTensorName("token_embd.weight")
                            .setSourceOffsetBytes(embedding.offsetBytes()).setLengthBytes(embedding.lengthBytes())
                            .setSha256(sha256(embedding.offsetBytes(), embedding.lengthBytes()))));
        }
        return spec.build();
    }

    /** Bytes [offset, offset + length) of the file. */
    public byte[] bytes(long offset, long length) {
        try (var channel = FileChannel.open(file)) {
            var buffer = ByteBuffer.allocate((int) length);
            channel.read(buffer, offset);
            return buffer.array();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long size() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String sha256(long offset, long length) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(offset, length)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TestModel open(String name, int layers, int width, int vocabulary, long embeddingBytes) {
        Optional<Path> shared = shared();
        Assumptions.assumeTrue(shared.isPresent() && Files.exists(shared.get().resolve(name)),
                () -> name + " is not here: give its folder with -Dbarnraiser.shared=DIR");
        Path file = shared.orElseThrow().resolve(name);
        try (var in = new DataInputStream(new java.io.BufferedInputStream(Files.newInputStream(file)))) {
            var reader = new Reader(in);
            reader.skip(8);
            long tensors = reader.u64();
            long entries = reader.u64();
            for (long i = 0; i < entries; i++) {
                reader.string();
                reader.skipValue(reader.u32());
            }
            long offset = -1;
            int type = -1;
            for (long i = 0; i < tensors; i++) {
                String tensor = reader.string();
                int dimensions = reader.u32();
                reader.skip(8L * dimensions);
                int tensorType = reader.u32();
                long tensorOffset = reader.u64();
                if (tensor.equals("token_embd.weight")) {
                    type = tensorType;
                    offset = tensorOffset;
                }
            }
            long data = (reader.at + 31) / 32 * 32;
            return new TestModel(file, layers, width, vocabulary, type,
                    new FileRange(file, data + offset, embeddingBytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The bundled llama.cpp. */
    public static LlamaLibrary bundledLibrary() throws LlamaException {
        return LlamaLibrary.open(Optional.empty());
    }

    /** A llama.cpp of the other ABI; skips the test where there is none. */
    public static LlamaLibrary secondLibrary() throws LlamaException {
        Optional<Path> folder = SecondLibrary.find();
        Assumptions.assumeTrue(folder.isPresent(), "no second llama.cpp here");
        return LlamaLibrary.open(folder);
    }

    private static Stream<Path> ancestors() {
        return Stream.iterate(Path.of("").toAbsolutePath(), Objects::nonNull, Path::getParent);
    }

    private static Optional<Path> shared() {
        String given = System.getProperty("barnraiser.shared");
        if (given != null) {
            return Optional.of(Path.of(given));
        }
        return ancestors().map(at -> at.resolve("shared")).filter(at -> Files.isDirectory(at.resolve("models")))
                .findFirst();
    }

    private static final class Reader {
        private final DataInputStream in;
        private long at;

        Reader(DataInputStream in) {
            this.in = in;
        }

        byte[] take(int count) throws IOException {
            at += count;
            return in.readNBytes(count);
        }

        void skip(long count) throws IOException {
            at += count;
            in.skipNBytes(count);
        }

        int u32() throws IOException {
            return ByteBuffer.wrap(take(4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
        }

        long u64() throws IOException {
            return ByteBuffer.wrap(take(8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }

        String string() throws IOException {
            return new String(take((int) u64()), StandardCharsets.UTF_8);
        }

        void skipValue(int type) throws IOException {
            if (type == STRING) {
                string();
            } else if (type == ARRAY) {
                int element = u32();
                long count = u64();
                for (long i = 0; i < count; i++) {
                    skipValue(element);
                }
            } else {
                skip(SCALAR_BYTES[type]);
            }
        }
    }
}
