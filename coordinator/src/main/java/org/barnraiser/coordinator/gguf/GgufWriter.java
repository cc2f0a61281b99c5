package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a GGUF of version 3: first say what is in it (metadata, then tensors in the order of their data), then take the header
 * or write the whole file. Tensor data is streamed, so files may be larger than memory. Not thread-safe.
 */
public final class GgufWriter {
    private final int alignment;
    private final Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private long dataBytes;

    /** Writes the data of one tensor. */
    @FunctionalInterface
    public interface TensorData {
        /** Writes exactly {@code tensor.lengthBytes()} bytes to {@code out}, and does not close it. */
        void write(TensorInfo tensor, OutputStream out) throws IOException;
    }

    /** A writer whose tensors start at multiples of 32 bytes, the format's default. */
    public GgufWriter() {
        this(GgufFormat.DEFAULT_ALIGNMENT);
    }

    /**
     * A writer whose tensors start at multiples of {@code alignment} bytes.
     *
     * @param alignment a power of two, at most 64 KiB
     */
    public GgufWriter(int alignment) {
        if (Integer.bitCount(alignment) != 1 || alignment < 1 || alignment > GgufFormat.MAX_ALIGNMENT) {
            throw new IllegalArgumentException("alignment must be a power of two up to 65536, not " + alignment);
        }
        this.alignment = alignment;
        if (alignment != GgufFormat.DEFAULT_ALIGNMENT) {
            putUInt32(GgufFormat.ALIGNMENT_KEY, alignment);
        }
    }

    /** Sets a metadata value; a key keeps the place where it was first set. */
    public GgufWriter put(String key, MetadataValue value) {
        metadata.put(key, value);
        return this;
    }

    /** Takes a metadata value out again. */
    public GgufWriter remove(String key) {
        metadata.remove(key);
        return this;
    }

    public GgufWriter putText(String key, String value) {
        return put(key, MetadataValue.Text.of(value));
    }

    public GgufWriter putUInt32(String key, int value) {
        return put(key, new MetadataValue.Whole(ValueType.UINT32, Integer.toUnsignedLong(value)));
    }

    public GgufWriter putFloat32(String key, float value) {
        return put(key, new MetadataValue.Real(ValueType.FLOAT32, value));
    }

    public GgufWriter putFlag(String key, boolean value) {
        return put(key, new MetadataValue.Flag(value));
    }

    public GgufWriter putArray(String key, MetadataArray value) {
        return put(key, new MetadataValue.Array(value));
    }

    /**
     * Adds a tensor, whose data follows that of the one before.
     *
     * @param shape values per dimension, the length of a row first; whole blocks of {@code type} in a row
     */
    public GgufWriter tensor(String name, GgmlType type, long... shape) {
        if (shape.length < 1 || shape.length > GgufFormat.MAX_DIMENSIONS || shape[0] % type.blockValues() != 0) {
            throw new IllegalArgumentException("tensor %s of type %s cannot have the shape %s"
                    .formatted(name, type, ImmutableLongArray.copyOf(shape)));
        }
        ImmutableLongArray dimensions = ImmutableLongArray.copyOf(shape);
        long length = type.bytesOf(dimensions.stream().reduce(1, Math::multiplyExact));
        dataBytes += GgufFormat.padding(dataBytes, alignment);
        if (tensors.putIfAbsent(name, new TensorInfo(name, type, dimensions, 0, dataBytes, length)) != null) {
            throw new IllegalArgumentException("there is a tensor " + name + " already");
        }
        dataBytes += length;
        return this;
    }

    /** The header: everything before the first tensor's data, padding included. */
    public byte[] header() {
        List<HeaderPart> parts = headerParts();
        ByteBuffer header = ByteBuffer.allocate(Math.toIntExact(sizeOf(parts)));
        MemorySegment target = MemorySegment.ofBuffer(header);
        long at = 0;
        for (HeaderPart part : parts) {
            target.asSlice(at).copyFrom(part.bytes());
            at += part.bytes().byteSize();
        }
        return header.array();
    }

    /** The tensors in order, with their offsets in the finished file. */
    public List<TensorInfo> tensors() {
        long dataStart = sizeOf(headerParts());
        List<TensorInfo> placed = new ArrayList<>(tensors.size());
        for (TensorInfo tensor : tensors.values()) {
            placed.add(new TensorInfo(tensor.name(), tensor.type(), tensor.shape(), 0, dataStart + tensor.offsetBytes(),
                    tensor.lengthBytes()));
        }
        return placed;
    }

    /** Writes the whole file, replacing any that is there. */
    public void writeTo(Path file, TensorData data) throws IOException {
        byte[] header = header();
        try (CountingOutputStream out = new CountingOutputStream(
                new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            out.write(header);
            for (TensorInfo tensor : tensors.values()) {
                long start = header.length + tensor.offsetBytes();
                out.write(new byte[(int) (start - out.count())]);
                data.write(tensor, out);
                if (out.count() != start + tensor.lengthBytes()) {
                    throw new IllegalStateException("tensor %s takes %d bytes, %d were written".formatted(tensor.name(),
                            tensor.lengthBytes(), out.count() - start));
                }
            }
            out.write(new byte[(int) GgufFormat.padding(out.count(), alignment)]);
        }
    }

    /** The header without copies of large arrays that lie in a mapped file. */
    List<HeaderPart> headerParts() {
        HeaderEncoder encoder = new HeaderEncoder().int32(GgufFormat.MAGIC).int32(GgufFormat.VERSION)
                .int64(tensors.size()).int64(metadata.size());
        metadata.forEach(encoder::entry);
        for (TensorInfo tensor : tensors.values()) {
            encoder.text(tensor.name()).int32(tensor.shape().length());
            tensor.shape().forEach(encoder::int64);
            encoder.int32(tensor.type().id()).int64(tensor.offsetBytes());
        }
        return encoder.pad(alignment).parts();
    }

    private static long sizeOf(List<HeaderPart> parts) {
        return parts.stream().mapToLong(part -> part.bytes().byteSize()).sum();
    }
}
