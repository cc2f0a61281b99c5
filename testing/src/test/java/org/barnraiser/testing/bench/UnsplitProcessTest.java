package org.barnraiser.testing.bench;

import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.coordinator.bench.Scenario;
import org.barnraiser.testing.models.DemoModelF32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class UnsplitProcessTest {
    @TempDir
    Path folder;

    @Test
    void llama_cpp_alone_is_timed_in_a_process_of_its_own() throws Exception {
        try (UnsplitProcess process = new UnsplitProcess(DemoModelF32.writeTo(folder), 128, 1)) {
            assertThat(process.measure(List.of("What is Barnraiser?"), 8)).singleElement()
                    .satisfies(UnsplitProcessTest::isTimed);
        }
    }

    @Test
    void several_readers_are_dealt_out_to_several_copies() throws Exception {
        UnsplitCandidate copies = UnsplitCandidate.start(2, DemoModelF32.writeTo(folder), 128, 3);
        try (copies) {
            assertThat(copies.run(Scenario.readers(3, 1, 8, 4, 0)).groups().getFirst().answers()).hasSize(3)
                    .allSatisfy(UnsplitProcessTest::isTimed);
        }
    }

    private static void isTimed(Measurement answer) {
        assertThat(answer.tokens()).isPositive();
        assertThat(answer.timeToFirstTokenMillis()).isPositive();
        assertThat(answer.decodeMillis()).isPositive();
    }
}
