package org.barnraiser.worker.llama;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The look at a model file before llama.cpp gets it: enough to name the usual mistakes. Whether the whole file is sound is the
 * coordinator's check.
 */
record GgufFile(Path path, long byteSize) {
    private static final int MAGIC = 0x46554747; // "GGUF", little-endian
    private static final int HEADER_BYTES = 24;
    private static final int MIN_VERSION = 2;
    private static final int MAX_VERSION = 3;
    private static final long MAX_COUNT = 1 << 20;

    static GgufFile check(Path path) throws ModelLoadException {
        if (!Files.isRegularFile(path)) {
            throw new ModelLoadException("the model file " + path + " is not there");
        }
        byte[] start;
        long size;
        try (InputStream content = Files.newInputStream(path)) {
            start = content.readNBytes(HEADER_BYTES);
            size = Files.size(path);
        } catch (IOException e) {
            throw new ModelLoadException("the model file " + path + " cannot be read: " + e.getMessage());
        }
        require(start.length == HEADER_BYTES, path, "it has only " + size + " bytes");
        ByteBuffer header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
        require(header.getInt(0) == MAGIC, path, "it does not begin with \"GGUF\"");
        int version = header.getInt(4);
        require(version >= MIN_VERSION && version <= MAX_VERSION, path, "its GGUF version is " + version);
        requireCount(header.getLong(8), "tensors", path, size);
        requireCount(header.getLong(16), "metadata entries", path, size);
        return new GgufFile(path, size);
    }

    /** llama.cpp allocates by these counts before it reads on. */
    private static void requireCount(long count, String what, Path path, long size) throws ModelLoadException {
        require(count >= 0 && count <= MAX_COUNT && count * 8 <= size, path, "it claims to hold " + count + " " + what);
    }

    private static void require(boolean condition, Path path, String problem) throws ModelLoadException {
        if (!condition) {
            throw new ModelLoadException(
                    "the model file " + path + " is not a GGUF file or is damaged: " + problem + "; fetch it again");
        }
    }
}
