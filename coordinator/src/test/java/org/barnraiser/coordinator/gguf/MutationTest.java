package org.barnraiser.coordinator.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Sound files with a few bytes changed, always in the same way. */
class MutationTest {
    private static final int MUTANTS = 300;
    private static final long[] TELLING = {0, 1, -1, 2, 31, 32, 255, 512, 1 << 16, Integer.MAX_VALUE, Integer.MIN_VALUE,
            1L << 32,
            Long.MAX_VALUE, Long.MIN_VALUE, 1L << 60};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "deepseek2", "gpt-oss"})
    void no_mutant_crashes_the_reader_or_takes_much_memory(String architecture) throws IOException {
        byte[] sound = Files.readAllBytes(TinyModel.of(architecture, 2).writeTo(directory.resolve("sound.gguf")));
        int header = headerLength(directory.resolve("sound.gguf"));
        Path file = directory.resolve("mutant.gguf");
        Random random = new Random(4916);
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            refused += Attack.succeeds(file, mutant(sound, header, random)) ? 0 : 1;
        }
        assertThat(refused).as("mutants that were noticed").isGreaterThan(MUTANTS / 4);
    }

    private static int headerLength(Path file) throws IOException {
        try (ModelFile model = ModelFile.open(file)) {
            return (int) model.tensors().stream().mapToLong(TensorInfo::offsetBytes).min().orElseThrow();
        }
    }

    private static byte[] mutant(byte[] sound, int header, Random random) {
        byte[] mutant = sound.clone();
        ByteBuffer bytes = ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(header - Long.BYTES);
            switch (random.nextInt(4)) {
                case 0 -> bytes.put(at, (byte) random.nextInt());
                case 1 -> bytes.put(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
                case 2 -> bytes.putInt(at, (int) TELLING[random.nextInt(TELLING.length)]);
                default -> bytes.putLong(at, TELLING[random.nextInt(TELLING.length)]);
            }
        }
        return mutant;
    }
}
