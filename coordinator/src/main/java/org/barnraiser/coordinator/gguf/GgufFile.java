package org.barnraiser.coordinator.gguf;

import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.barnraiser.coordinator.gguf.GgufException.Kind;

/**
 * One GGUF file, mapped, whose every description has been checked against the file itself. What it means is not looked at here.
 *
 * @param map the whole file
 * @param tensors in file order, their data inside the file and apart from each other
 */
record GgufFile(Path path, MemorySegment map, Metadata metadata, List<TensorInfo> tensors) {
    /** The length, type and shortest value of a metadata entry with a name of one byte. */
    private static final int LEAST_ENTRY_BYTES = Long.BYTES + 1 + Integer.BYTES + 1;
    /** The length, name of one byte, dimension count, one dimension, type and offset of a tensor. */
    private static final int LEAST_TENSOR_BYTES = Long.BYTES + 1 + Integer.BYTES + Long.BYTES + Integer.BYTES
            + Long.BYTES;

    /**
     * Maps and reads a file.
     *
     * @param fileIndex its place in a split set, 0 for a single file
     * @param arena owns the map
     */
    static GgufFile open(Path path, int fileIndex, Arena arena) throws GgufException {
        if (!Files.isRegularFile(path)) {
            throw new GgufException(Kind.UNREADABLE, "%s: there is no such file; check the path.".formatted(path));
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment map = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new Parser(path, fileIndex, map).parse();
        } catch (GgufException e) {
            throw e;
        } catch (IOException e) {
            throw new GgufException(Kind.UNREADABLE,
                    "%s: the file cannot be read (%s); check its permissions.".formatted(path, e.getMessage()), e);
        } catch (InternalError e) {
            // The JVM reports a page of a map that cannot be read, as when the file shrinks meanwhile, in this way.
            throw new GgufException(Kind.UNREADABLE,
                    "%s: the file changed while it was read; try again when it is complete.".formatted(path), e);
        }
    }

    private static final class Parser {
        private final Path path;
        private final String fileName;
        private final int fileIndex;
        private final MemorySegment map;
        private final GgufCursor cursor;

        Parser(Path path, int fileIndex, MemorySegment map) {
            this.path = path;
            this.fileName = path.getFileName().toString();
            this.fileIndex = fileIndex;
            this.map = map;
            this.cursor = new GgufCursor(fileName, map);
        }

        GgufFile parse() throws GgufException {
            checkMagicAndVersion();
            int tensorCount = cursor.count("the number of tensors", GgufFormat.MAX_TENSOR_COUNT, LEAST_TENSOR_BYTES);
            int entryCount = cursor.count("the number of metadata entries", GgufFormat.MAX_METADATA_COUNT,
                    LEAST_ENTRY_BYTES);
            Metadata metadata = metadata(entryCount);
            int alignment = alignment(metadata);
            List<TensorInfo> described = new ArrayList<>(tensorCount);
            Set<String> names = new HashSet<>();
            for (int i = 0; i < tensorCount; i++) {
                TensorInfo tensor = tensor(alignment);
                if (!names.add(tensor.name())) {
                    throw badTensor(tensor.name(), "is described twice");
                }
                described.add(tensor);
            }
            long dataStart = cursor.position() + GgufFormat.padding(cursor.position(), alignment);
            return new GgufFile(path, map, metadata, placed(described, dataStart));
        }

        private void checkMagicAndVersion() throws GgufException {
            if (map.byteSize() < Integer.BYTES || cursor.int32("the magic number") != GgufFormat.MAGIC) {
                throw new GgufException(Kind.NOT_GGUF,
                        "%s: this is not a GGUF file; give the path of a .gguf model.".formatted(fileName));
            }
            int version = cursor.int32("the version");
            if (version != 2 && version != GgufFormat.VERSION) {
                String found = (version & 0xffff) == 0 && version != 0
                        ? "a big-endian GGUF"
                        : "GGUF version " + Integer.toUnsignedString(version);
                throw new GgufException(Kind.UNSUPPORTED_VERSION,
                        "%s: this is %s, but only little-endian versions 2 and 3 are read; convert the model again."
                                .formatted(fileName, found));
            }
        }

        private Metadata metadata(int count) throws GgufException {
            Map<String, MetadataValue> values = LinkedHashMap.newLinkedHashMap(Math.min(count, 256));
            for (int i = 0; i < count; i++) {
                long at = cursor.position();
                String key = cursor.name("a metadata key", GgufFormat.MAX_KEY_BYTES);
                if (values.put(key, cursor.value(key)) != null) {
                    throw new GgufException(Kind.BAD_METADATA,
                            "%s, byte %d: the metadata key %s is there twice; the file is damaged or hostile."
                                    .formatted(fileName, at, key));
                }
            }
            return new Metadata(fileName, values);
        }

        private int alignment(Metadata metadata) throws GgufException {
            return switch (metadata.values().get(GgufFormat.ALIGNMENT_KEY)) {
                case null -> GgufFormat.DEFAULT_ALIGNMENT;
                case MetadataValue.Whole(ValueType type, long value) when type == ValueType.UINT32
                        && value <= GgufFormat.MAX_ALIGNMENT && Long.bitCount(value) == 1 ->
                    (int) value;
                case MetadataValue other -> throw new GgufException(Kind.BAD_METADATA,
                        "%s: %s must be a uint32 power of two up to %d, but is %s; get the file anew.".formatted(
                                fileName,
                                GgufFormat.ALIGNMENT_KEY, GgufFormat.MAX_ALIGNMENT, described(other)));
            };
        }

        private static String described(MetadataValue value) {
            return value instanceof MetadataValue.Whole(ValueType type, long number)
                    ? "the %s %s".formatted(type, Long.toUnsignedString(number))
                    : "of type " + value.type();
        }

        /** Reads a description; its offset is still counted from the start of the data. */
        private TensorInfo tensor(int alignment) throws GgufException {
            String name = cursor.name("a tensor name", GgufFormat.MAX_TENSOR_NAME_BYTES);
            int dimensions = cursor.int32(name);
            if (dimensions < 1 || dimensions > GgufFormat.MAX_DIMENSIONS) {
                throw badTensor(name, "has %s dimensions, but 1 to %d are possible"
                        .formatted(Integer.toUnsignedString(dimensions), GgufFormat.MAX_DIMENSIONS));
            }
            ImmutableLongArray.Builder shape = ImmutableLongArray.builder(dimensions);
            long values = 1;
            for (int i = 0; i < dimensions; i++) {
                long length = cursor.int64(name);
                if (length < 1 || Math.multiplyHigh(values, length) != 0 || values * length < 0) {
                    throw badTensor(name, "has an impossible shape");
                }
                values *= length;
                shape.add(length);
            }
            int typeId = cursor.int32(name);
            GgmlType type = GgmlType.ofId(typeId).orElseThrow(() -> badTensor(name,
                    "is of the unknown type " + Integer.toUnsignedString(typeId)));
            ImmutableLongArray built = shape.build();
            if (built.get(0) % type.blockValues() != 0) {
                throw badTensor(name, "has rows of %d values, but %s stores blocks of %d".formatted(built.get(0), type,
                        type.blockValues()));
            }
            long blocks = values / type.blockValues();
            if (blocks > map.byteSize() / type.blockBytes()) {
                throw new GgufException(Kind.TRUNCATED,
                        "%s: tensor %s is larger than the file; get the file anew.".formatted(fileName, name));
            }
            long offset = cursor.int64(name);
            if (offset < 0 || offset % alignment != 0) {
                throw badTensor(name, "begins at offset %s, which is not a multiple of the alignment %d"
                        .formatted(Long.toUnsignedString(offset), alignment));
            }
            return new TensorInfo(name, type, built, fileIndex, offset, blocks * type.blockBytes());
        }

        private List<TensorInfo> placed(List<TensorInfo> described, long dataStart) throws GgufException {
            List<TensorInfo> placed = new ArrayList<>(described.size());
            for (TensorInfo tensor : described) {
                if (tensor.offsetBytes() > map.byteSize() - tensor.lengthBytes() - dataStart) {
                    throw new GgufException(Kind.TRUNCATED,
                            "%s: the file ends within the data of tensor %s; get the file anew.".formatted(fileName,
                                    tensor.name()));
                }
                placed.add(new TensorInfo(tensor.name(), tensor.type(), tensor.shape(), fileIndex,
                        dataStart + tensor.offsetBytes(), tensor.lengthBytes()));
            }
            checkApart(placed);
            return List.copyOf(placed);
        }

        private void checkApart(List<TensorInfo> tensors) throws GgufException {
            List<TensorInfo> byOffset = new ArrayList<>(tensors);
            byOffset.sort(Comparator.comparingLong(TensorInfo::offsetBytes));
            for (int i = 1; i < byOffset.size(); i++) {
                TensorInfo before = byOffset.get(i - 1);
                if (before.offsetBytes() + before.lengthBytes() > byOffset.get(i).offsetBytes()) {
                    throw badTensor(byOffset.get(i).name(), "lies over the data of " + before.name());
                }
            }
        }

        private GgufException badTensor(String name, String problem) {
            return new GgufException(Kind.BAD_TENSOR,
                    "%s: tensor %s %s; the file is damaged or hostile.".formatted(fileName, name, problem));
        }
    }
}
