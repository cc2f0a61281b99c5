package org.barnraiser.coordinator.gguf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Coverage-guided attacks on the reader. Normally the seeds alone are run; {@code JAZZER_FUZZ=1 mvn test -Dtest=GgufReaderFuzz} searches for
 * half a minute.
 */
class GgufReaderFuzz {

    static Stream<byte[]> seeds() throws IOException {
        Path directory = Files.createTempDirectory("seeds");
        Path file = directory.resolve("seed.gguf");
        try {
            byte[] tiny = RawGguf.header(1, 2).uint32("general.alignment", 64).text("a").int32(RawGguf.ARRAY)
                    .int32(RawGguf.STRING)
                    .int64(2).text("x").text("yz").tensor("t", RawGguf.F32, 0, 4).data(64).toBytes();
            byte[] whole = Files.readAllBytes(TinyModel.of("llama", 1).writeTo(file));
            return Stream.of(tiny, whole);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "30s")
    void whatever_a_file_holds_it_is_opened_or_refused(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("fuzz", ".gguf");
        try {
            Attack.succeeds(file, bytes);
        } finally {
            Files.delete(file);
        }
    }
}
