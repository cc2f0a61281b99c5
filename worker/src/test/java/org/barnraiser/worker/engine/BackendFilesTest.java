package org.barnraiser.worker.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class BackendFilesTest {
    @TempDir
    private Path folder;

    @Test
    void a_backend_that_lies_there_unused_is_found() throws Exception {
        for (String name : List.of("libggml-cuda.so", "libggml-hip.so", "libggml-cpu-x64.so", "libggml-base.so.0")) {
            Files.createFile(folder.resolve(name));
        }
        assertThat(BackendFiles.notLoaded(folder, List.of("CPU"))).containsExactly("cuda", "hip");
        assertThat(BackendFiles.notLoaded(folder, List.of("CUDA", "ROCm", "CPU"))).isEmpty();
        assertThat(BackendFiles.notLoaded(folder.resolve("none"), List.of())).isEmpty();
    }
}
