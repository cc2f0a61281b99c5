package org.barnraiser.worker.measure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A middle stage of a typical shape, as small as can tell something: its layers are larger than any processor's own memory. The weights are
 * zeros, which llama.cpp computes as slowly as anything else, so the file is a header and a hole.
 */
final class SampleModel {
    static final int WIDTH = 2048;
    static final int LAYERS = 3;

    private static final int FEED_FORWARD = 5632;
    private static final int HEADS = 16;
    private static final int CACHE_HEADS = 4;
    private static final int HEAD_WIDTH = WIDTH / HEADS;
    private static final int VOCABULARY = 32;
    private static final int CONTEXT = 512;

    private static final int UINT32 = 4;
    private static final int FLOAT32 = 6;
    private static final int STRING = 8;
    private static final int ALIGNMENT = 32;

    private enum Type {
        F32(0, 1, 4), F16(1, 1, 2), Q4_0(2, 32, 18);

        private final int id;
        private final int values;
        private final int bytes;

        Type(int id, int values, int bytes) {
            this.id = id;
            this.values = values;
            this.bytes = bytes;
        }
    }

    private final ByteBuffer descriptions = buffer();
    private int tensors;
    private long dataBytes;
    private long matrixBytes;
    private long matrixValues;

    private SampleModel() {}

    /**
     * What was written.
     *
     * @param layerBytes of all layers' matrices
     * @param layerOperations of all layers for one token
     */
    record Written(long layerBytes, double layerOperations) {}

    /** Writes the file, in place of one that is there. */
    static Written write(Path file) throws IOException {
        return new SampleModel().writeTo(file);
    }

    private Written writeTo(Path file) throws IOException {
        tensor("token_embd.weight", Type.F16, WIDTH, VOCABULARY);
        tensor("output_norm.weight", Type.F32, WIDTH, 1);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            tensor(prefix + "attn_norm.weight", Type.F32, WIDTH, 1);
            tensor(prefix + "ffn_norm.weight", Type.F32, WIDTH, 1);
            matrix(prefix + "attn_q.weight", WIDTH, WIDTH);
            matrix(prefix + "attn_k.weight", WIDTH, CACHE_HEADS * HEAD_WIDTH);
            matrix(prefix + "attn_v.weight", WIDTH, CACHE_HEADS * HEAD_WIDTH);
            matrix(prefix + "attn_output.weight", WIDTH, WIDTH);
            matrix(prefix + "ffn_gate.weight", WIDTH, FEED_FORWARD);
            matrix(prefix + "ffn_up.weight", WIDTH, FEED_FORWARD);
            matrix(prefix + "ffn_down.weight", FEED_FORWARD, WIDTH);
        }
        ByteBuffer metadata = buffer();
        int entries = metadata(metadata);
        ByteBuffer header = buffer();
        header.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(tensors).putLong(entries)
                .put(metadata.flip()).put(descriptions.flip());
        long headerBytes = ((long) header.position() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            header.flip();
            while (header.hasRemaining()) {
                channel.write(header);
            }
            channel.write(ByteBuffer.allocate(1), headerBytes + dataBytes - 1);
        }
        return new Written(matrixBytes, 2.0 * matrixValues);
    }

    private static int metadata(ByteBuffer out) {
        text(out, "general.architecture", "llama");
        text(out, "tokenizer.ggml.model", "no_vocab");
        number(out, "llama.block_count", LAYERS);
        number(out, "llama.embedding_length", WIDTH);
        number(out, "llama.feed_forward_length", FEED_FORWARD);
        number(out, "llama.attention.head_count", HEADS);
        number(out, "llama.attention.head_count_kv", CACHE_HEADS);
        number(out, "llama.context_length", CONTEXT);
        number(out, "llama.rope.dimension_count", HEAD_WIDTH);
        number(out, "llama.vocab_size", VOCABULARY);
        string(out, "llama.attention.layer_norm_rms_epsilon");
        out.putInt(FLOAT32).putFloat(1e-5f);
        return 11;
    }

    private void matrix(String name, int columns, int rows) {
        matrixBytes += tensor(name, Type.Q4_0, columns, rows);
        matrixValues += (long) columns * rows;
    }

    private long tensor(String name, Type type, int columns, int rows) {
        string(descriptions, name);
        descriptions.putInt(rows == 1 ? 1 : 2).putLong(columns);
        if (rows > 1) {
            descriptions.putLong(rows);
        }
        descriptions.putInt(type.id).putLong(dataBytes);
        long bytes = (long) columns / type.values * type.bytes * rows;
        dataBytes += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        tensors++;
        return bytes;
    }

    private static void text(ByteBuffer out, String key, String value) {
        string(out, key);
        out.putInt(STRING);
        string(out, value);
    }

    private static void number(ByteBuffer out, String key, int value) {
        string(out, key);
        out.putInt(UINT32).putInt(value);
    }

    private static void string(ByteBuffer out, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        out.putLong(bytes.length).put(bytes);
    }

    private static ByteBuffer buffer() {
        return ByteBuffer.allocate(16 << 10).order(ByteOrder.LITTLE_ENDIAN);
    }
}
