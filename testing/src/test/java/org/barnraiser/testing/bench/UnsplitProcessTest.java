package org.barnraiser.testing.bench;

import java.nio.file.Path;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.testing.models.DemoModelF32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class UnsplitProcessTest {
    @TempDir
    Path folder;

    @Test
    void llama_cpp_alone_is_timed_in_a_process_of_its_own() throws Exception {
        try (UnsplitProcess process = new UnsplitProcess(DemoModelF32.writeTo(folder), 128)) {
            Measurement answer = process.measure("What is Barnraiser?", 8);
            assertThat(answer.tokens()).isPositive();
            assertThat(answer.timeToFirstTokenMillis()).isPositive();
            assertThat(answer.decodeMillis()).isPositive();
        }
    }
}
