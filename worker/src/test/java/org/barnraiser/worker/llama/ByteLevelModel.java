package org.barnraiser.worker.llama;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model file with a byte-level tokenizer that splits texts by std::regex (as deepseek-llm's does), made of one with another tokenizer
 * and a vocabulary of 512.
 */
final class ByteLevelModel {
    private static final int ALIGNMENT = 32;
    private static final int VOCABULARY = 512;
    private static final int BYTES = 256;
    private static final int TYPE_INT32 = 5;
    private static final int TYPE_STRING = 8;
    private static final int TYPE_ARRAY = 9;
    private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private final ByteBuffer source;
    private final ByteBuffer target;

    private ByteLevelModel(byte[] content) {
        source = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        target = ByteBuffer.allocate(content.length + (1 << 16)).order(ByteOrder.LITTLE_ENDIAN);
    }

    static Path write(Path original, Path file) throws IOException {
        ByteBuffer content = new ByteLevelModel(Files.readAllBytes(original)).rewrite();
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return Files.write(file, bytes);
    }

    private ByteBuffer rewrite() {
        int magic = source.getInt();
        int version = source.getInt();
        long tensors = source.getLong();
        long entries = source.getLong();
        List<byte[]> kept = new ArrayList<>();
        for (long i = 0; i < entries; i++) {
            int start = source.position();
            String key = string();
            skip(source.getInt());
            if (!key.startsWith("tokenizer.")) {
                kept.add(slice(start, source.position()));
            }
        }
        int metadataEnd = source.position();
        for (long i = 0; i < tensors; i++) {
            string();
            source.position(source.position() + Integer.BYTES + Long.BYTES * source.getInt(source.position())
                    + Integer.BYTES + Long.BYTES);
        }
        byte[] infos = slice(metadataEnd, source.position());
        byte[] data = slice(aligned(source.position()), source.limit());
        target.putInt(magic).putInt(version).putLong(tensors).putLong(kept.size() + 5);
        kept.forEach(target::put);
        tokenizer();
        target.put(infos);
        target.position(aligned(target.position())).put(data);
        return target.flip();
    }

    private void tokenizer() {
        key("tokenizer.ggml.model", TYPE_STRING);
        put("gpt2");
        key("tokenizer.ggml.pre", TYPE_STRING);
        put("deepseek-llm");
        array("tokenizer.ggml.tokens", IntStream.range(0, VOCABULARY)
                .mapToObj(token -> token < BYTES ? visible(token) : "<unused" + token + ">").toList());
        array("tokenizer.ggml.merges", List.of("a b"));
        key("tokenizer.ggml.token_type", TYPE_ARRAY);
        target.putInt(TYPE_INT32).putLong(VOCABULARY);
        IntStream.range(0, VOCABULARY).forEach(_ -> target.putInt(1));
    }

    /** GPT-2's character for a byte: itself, if it can be seen, and otherwise one from U+0100 on. */
    private static String visible(int value) {
        if (isVisible(value)) {
            return Character.toString(value);
        }
        long before = IntStream.range(0, value).filter(other -> !isVisible(other)).count();
        return Character.toString((int) (BYTES + before));
    }

    private static boolean isVisible(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
    }

    private void array(String key, List<String> values) {
        key(key, TYPE_ARRAY);
        target.putInt(TYPE_STRING).putLong(values.size());
        values.forEach(this::put);
    }

    private void key(String key, int type) {
        put(key);
        target.putInt(type);
    }

    private void put(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        target.putLong(bytes.length).put(bytes);
    }

    private String string() {
        byte[] bytes = new byte[(int) source.getLong()];
        source.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void skip(int type) {
        if (type == TYPE_STRING) {
            string();
        } else if (type == TYPE_ARRAY) {
            int elementType = source.getInt();
            for (long left = source.getLong(); left > 0; left--) {
                skip(elementType);
            }
        } else {
            source.position(source.position() + SIZES[type]);
        }
    }

    private byte[] slice(int start, int end) {
        byte[] bytes = new byte[end - start];
        source.get(start, bytes);
        return bytes;
    }

    private static int aligned(int position) {
        return (position + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
