package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.GgufException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Files that break the format itself. The cases follow those that llama.cpp tests its own reader with. */
class HostileFileTest {

    @TempDir
    private Path directory;

    static Stream<Arguments> broken_files() {
        RawGguf twoTensors = RawGguf.header(2, 0);
        return Stream.of(broken("an empty file", new RawGguf(), Kind.NOT_GGUF, "not a GGUF"),
                broken("three bytes", new RawGguf().ascii("GGU"), Kind.NOT_GGUF, "not a GGUF"),
                broken("another magic number", new RawGguf().ascii("GGML").int32(3), Kind.NOT_GGUF, "not a GGUF"),
                broken("version 1", new RawGguf().ascii("GGUF").int32(1), Kind.UNSUPPORTED_VERSION, "version 1"),
                broken("version 4", new RawGguf().ascii("GGUF").int32(4), Kind.UNSUPPORTED_VERSION, "version 4"),
                broken("version 0", new RawGguf().ascii("GGUF").int32(0), Kind.UNSUPPORTED_VERSION, "version 0"),
                broken("big-endian", new RawGguf().ascii("GGUF").int32(3 << 24), Kind.UNSUPPORTED_VERSION,
                        "big-endian"),
                broken("no counts", new RawGguf().ascii("GGUF").int32(3), Kind.TRUNCATED, "byte 8"),
                broken("countless tensors", RawGguf.header(Long.MAX_VALUE, 0), Kind.LIMIT_EXCEEDED,
                        "number of tensors"),
                broken("minus one tensor", RawGguf.header(-1, 0), Kind.LIMIT_EXCEEDED, "18446744073709551615"),
                broken("more tensors than bytes", RawGguf.header(1000, 0), Kind.TRUNCATED, "number of tensors"),
                broken("countless entries", RawGguf.header(0, 1L << 60), Kind.LIMIT_EXCEEDED, "metadata entries"),
                broken("more entries than bytes", RawGguf.header(0, 1000), Kind.TRUNCATED, "metadata entries"),
                broken("an empty key", RawGguf.header(0, 1).text("").int32(RawGguf.UINT32).int64(1),
                        Kind.LIMIT_EXCEEDED, "a metadata key"),
                broken("an endless key", RawGguf.header(0, 1).int64(-1).int64(0), Kind.LIMIT_EXCEEDED,
                        "a metadata key"),
                broken("a key of malformed UTF-8",
                        RawGguf.header(0, 1).int64(2).int8(0xc3).int8(0x28).int32(RawGguf.UINT32).int32(1),
                        Kind.BAD_METADATA, "not UTF-8"),
                broken("a key with a line feed", RawGguf.header(0, 1).uint32("a\nb", 1), Kind.BAD_METADATA,
                        "control characters"),
                broken("a key twice", RawGguf.header(0, 2).uint32("a", 1).uint32("a", 2), Kind.BAD_METADATA,
                        "a is there twice"),
                broken("an unknown value type", RawGguf.header(0, 1).text("a").int32(13).int64(0), Kind.BAD_METADATA,
                        "unknown type 13"),
                broken("a negative value type", RawGguf.header(0, 1).text("a").int32(-1).int64(0), Kind.BAD_METADATA,
                        "unknown type"),
                broken("a truth value of 2", RawGguf.header(0, 1).text("a").int32(RawGguf.BOOL).int8(2),
                        Kind.BAD_METADATA, "truth value"),
                broken("a string beyond the end", RawGguf.header(0, 1).text("a").int32(RawGguf.STRING).int64(1 << 20),
                        Kind.TRUNCATED,
                        "a has a string"),
                broken("a string of negative length",
                        RawGguf.header(0, 1).text("a").int32(RawGguf.STRING).int64(Long.MIN_VALUE),
                        Kind.TRUNCATED, "a has a string"),
                broken("an array of unknown type",
                        RawGguf.header(0, 1).text("a").int32(RawGguf.ARRAY).int32(77).int64(0),
                        Kind.BAD_METADATA, "unknown type 77"),
                broken("an endless array",
                        RawGguf.header(0, 1).text("a").int32(RawGguf.ARRAY).int32(RawGguf.UINT32)
                                .int64(Integer.MAX_VALUE),
                        Kind.TRUNCATED,
                        "the array a"),
                broken("an array of 2^63 strings",
                        RawGguf.header(0, 1).text("a").int32(RawGguf.ARRAY).int32(RawGguf.STRING).int64(Long.MIN_VALUE),
                        Kind.LIMIT_EXCEEDED, "the array a"),
                broken("an array of strings beyond the end",
                        RawGguf.header(0, 1).text("a").int32(RawGguf.ARRAY).int32(RawGguf.STRING).int64(1).int64(100),
                        Kind.TRUNCATED, "a has"),
                broken("arrays in arrays without end", nestedArrays(), Kind.LIMIT_EXCEEDED, "nests arrays"),
                broken("an alignment of 0", RawGguf.header(0, 1).uint32("general.alignment", 0), Kind.BAD_METADATA,
                        "power of two"),
                broken("an alignment of 24", RawGguf.header(0, 1).uint32("general.alignment", 24), Kind.BAD_METADATA,
                        "power of two"),
                broken("an alignment of 128 KiB", RawGguf.header(0, 1).uint32("general.alignment", 1 << 17),
                        Kind.BAD_METADATA, "power of two"),
                broken("an alignment that is a string",
                        RawGguf.header(0, 1).text("general.alignment").int32(RawGguf.STRING).text("32"),
                        Kind.BAD_METADATA, "power of two"),
                broken("a tensor name of 64 bytes", RawGguf.header(1, 0).tensor("t".repeat(64), RawGguf.F32, 0, 1),
                        Kind.LIMIT_EXCEEDED,
                        "a tensor name"),
                broken("no dimensions", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0).data(32), Kind.BAD_TENSOR,
                        "0 dimensions"),
                broken("five dimensions", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, 1, 1, 1, 1, 1).data(32),
                        Kind.BAD_TENSOR,
                        "5 dimensions"),
                broken("a dimension of 0", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, 0, 4).data(32),
                        Kind.BAD_TENSOR, "shape"),
                broken("a negative dimension", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, -4, 4).data(32),
                        Kind.BAD_TENSOR, "shape"),
                broken("2^64 values", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, 1L << 32, 1L << 32).data(32),
                        Kind.BAD_TENSOR,
                        "shape"),
                broken("2^63 values", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, 1L << 32, 1L << 31).data(32),
                        Kind.BAD_TENSOR,
                        "shape"),
                broken("2^62 bytes", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 0, 1L << 60).data(32),
                        Kind.TRUNCATED, "larger than"),
                broken("an unknown tensor type", RawGguf.header(1, 0).tensor("t", 4, 0, 32).data(128), Kind.BAD_TENSOR,
                        "unknown type 4"),
                broken("a negative tensor type", RawGguf.header(1, 0).tensor("t", -1, 0, 32).data(128), Kind.BAD_TENSOR,
                        "unknown type"),
                broken("a row of half a block", RawGguf.header(1, 0).tensor("t", RawGguf.Q8_0, 0, 16, 2).data(128),
                        Kind.BAD_TENSOR,
                        "blocks of 32"),
                broken("an unaligned offset", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 4, 4).data(64),
                        Kind.BAD_TENSOR, "alignment 32"),
                broken("a negative offset", RawGguf.header(1, 0).tensor("t", RawGguf.F32, -32, 4).data(64),
                        Kind.BAD_TENSOR, "alignment 32"),
                broken("an offset beyond the end", RawGguf.header(1, 0).tensor("t", RawGguf.F32, 1L << 40, 4).data(64),
                        Kind.TRUNCATED,
                        "data of tensor t"),
                broken("an offset at the end of numbers",
                        RawGguf.header(1, 0).tensor("t", RawGguf.F32, Long.MAX_VALUE - 31, 4).data(64),
                        Kind.TRUNCATED, "data of tensor t"),
                broken("a tensor twice",
                        twoTensors.tensor("t", RawGguf.F32, 0, 4).tensor("t", RawGguf.F32, 32, 4).data(64),
                        Kind.BAD_TENSOR, "described twice"),
                broken("one tensor over another",
                        RawGguf.header(2, 0).tensor("t", RawGguf.F32, 0, 12).tensor("u", RawGguf.F32, 32, 4).data(64),
                        Kind.BAD_TENSOR,
                        "tensor u lies over the data of t"));
    }

    private static Arguments broken(String name, RawGguf file, Kind kind, String message) {
        return Arguments.of(name, file.toBytes(), kind, message);
    }

    private static RawGguf nestedArrays() {
        RawGguf file = RawGguf.header(0, 1).text("a").int32(RawGguf.ARRAY);
        for (int i = 0; i < 1000; i++) {
            file.int32(RawGguf.ARRAY).int64(1);
        }
        return file;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken_files")
    void a_file_that_breaks_the_format_is_refused_by_name(String name, byte[] bytes, Kind kind, String message)
            throws IOException {
        Path file = Files.write(directory.resolve("broken.gguf"), bytes);
        assertThatExceptionOfType(GgufException.class).as(name).isThrownBy(() -> ModelFile.open(file))
                .withMessageContaining("broken.gguf").withMessageContaining(message).withMessageEndingWith(".")
                .matches(refusal -> refusal.kind() == kind, "is of kind " + kind);
    }

    @Test
    void a_file_cut_anywhere_is_refused() throws IOException {
        byte[] whole = Files.readAllBytes(smallest().writeTo(directory.resolve("whole.gguf")));
        try (Arena arena = Arena.ofConfined()) {
            assertThat(GgufFile.open(directory.resolve("whole.gguf"), 0, arena).tensors()).hasSize(1);
        }
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(directory.resolve("cut.gguf"), Arrays.copyOf(whole, length));
            GgufException refusal = catchThrowableOfType(GgufException.class, () -> {
                try (Arena arena = Arena.ofConfined()) {
                    GgufFile.open(file, 0, arena);
                }
            });
            assertThat(refusal).as("cut to %d bytes", length).isNotNull();
            assertThat(refusal.kind()).isIn(Kind.TRUNCATED, Kind.NOT_GGUF);
        }
    }

    private static RawGguf smallest() {
        return RawGguf.header(1, 3).uint32("a", 1).text("b").int32(RawGguf.ARRAY).int32(RawGguf.STRING).int64(2)
                .text("x").text("yz")
                .text("c").int32(RawGguf.ARRAY).int32(RawGguf.ARRAY).int64(1).int32(RawGguf.UINT32).int64(2).int32(5)
                .int32(6)
                .tensor("t", RawGguf.F32, 0, 4).data(16);
    }

    @Test
    void a_version_2_file_is_read() throws IOException {
        byte[] bytes = smallest().toBytes();
        bytes[4] = 2;
        Path file = Files.write(directory.resolve("old.gguf"), bytes);
        try (Arena arena = Arena.ofConfined()) {
            Metadata metadata = GgufFile.open(file, 0, arena).metadata();
            assertThat(metadata.findArray("b").orElseThrow().text(1)).isEqualTo("yz");
            MetadataValue inner = metadata.findArray("c").orElseThrow().iterator().next();
            assertThat(((MetadataValue.Array) inner).elements().whole(1)).isEqualTo(6);
        }
    }

    @Test
    void a_missing_file_and_a_folder_are_refused_by_name() {
        assertThatExceptionOfType(GgufException.class).isThrownBy(() -> ModelFile.open(directory.resolve("none.gguf")))
                .withMessageContaining("none.gguf").matches(refusal -> refusal.kind() == Kind.UNREADABLE);
        assertThatExceptionOfType(GgufException.class).isThrownBy(() -> ModelFile.open(directory))
                .matches(refusal -> refusal.kind() == Kind.UNREADABLE);
    }
}
