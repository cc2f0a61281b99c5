package org.barnraiser.worker.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.worker.llama.Devices;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.stage.TestModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class KnownSpeedTest {
    @TempDir
    private Path folder;

    @Test
    void a_machine_is_measured_once_with_either_library_and_nothing_large_is_left() throws Exception {
        measuresOnce(TestModel.bundledLibrary());
    }

    @Test
    void the_second_library_is_measured_as_well() throws Exception {
        measuresOnce(TestModel.secondLibrary());
    }

    @Test
    void what_was_kept_and_is_damaged_is_measured_again() throws Exception {
        LlamaLibrary library = TestModel.bundledLibrary();
        new KnownSpeed(folder).of(library, 1, 0, Devices.all(library)).orElseThrow();
        Files.writeString(kept(), "{ nonsense");
        assertThat(new KnownSpeed(folder).of(library, 1, 0, Devices.all(library))).isPresent();
        assertThat(Files.readString(kept())).contains("decodeBytesPerSecond");
    }

    @Test
    void a_folder_that_cannot_be_used_costs_the_measurement_and_not_the_worker() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(new KnownSpeed(file.resolve("speed")).of(TestModel.bundledLibrary(), 1, 0,
                Devices.all(TestModel.bundledLibrary()))).isEmpty();
    }

    private void measuresOnce(LlamaLibrary library) throws Exception {
        SpeedRecord first = new KnownSpeed(folder).of(library, 1, 0, Devices.all(library)).orElseThrow();
        // Anything from a toy to a supercomputer.
        assertThat(first.getDecodeBytesPerSecond()).isBetween(1e6, 1e14);
        assertThat(first.getPrefillOperationsPerSecond()).isBetween(1e6, 1e17);
        assertThat(new KnownSpeed(folder).of(library, 1, 0, Devices.all(library))).contains(first);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".gguf"));
        }
        System.out.println("measured: " + first);
    }

    private Path kept() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(".json")).findFirst().orElseThrow();
        }
    }
}
