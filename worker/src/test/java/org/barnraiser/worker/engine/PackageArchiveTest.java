package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PackageArchiveTest {
    @TempDir
    private Path folder;

    @Test
    void only_libraries_and_the_licence_are_taken() throws Exception {
        unpack(Tarball.withLibrary("a").file("package/bins/here/deep/er/file", "no").bytes());
        assertThat(unpacked()).containsExactlyInAnyOrder("LICENSE", System.mapLibraryName("llama"),
                "fallback/libggml-cuda.so");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "package/../../evil", "/tmp/barnraiser-evil", "package/bins/here/../../../evil",
            "package/bins/../bins/here/evil", "package\\..\\evil", "C:evil", "package/bins//here/./evil"})
    void a_name_that_leads_elsewhere_refuses_the_whole_archive(String name) throws Exception {
        byte[] archive = new Tarball().file(name, "evil").bytes();
        assertThatThrownBy(() -> unpack(archive)).isInstanceOf(EngineException.class)
                .hasMessageContaining("leads out of it");
        assertThat(unpacked()).isEmpty();
        assertThat(folder.resolve("evil")).doesNotExist();
    }

    @Test
    void links_are_refused() throws Exception {
        for (boolean symbolic : List.of(true, false)) {
            byte[] archive = new Tarball().link("package/bins/here/libllama.so", "/etc/passwd", symbolic).bytes();
            assertThatThrownBy(() -> unpack(archive)).isInstanceOf(EngineException.class)
                    .hasMessageContaining("leads out of it");
        }
        assertThat(unpacked()).isEmpty();
    }

    @Test
    void more_bytes_than_allowed_are_refused() throws Exception {
        byte[] archive = new Tarball().file("package/bins/here/a", "x".repeat(600))
                .file("package/bins/here/b", "x".repeat(600)).bytes();
        assertThatThrownBy(() -> unpack(archive)).isInstanceOf(EngineException.class)
                .hasMessageContaining("more than 1000 bytes");
    }

    @Test
    void a_torn_archive_is_an_error() throws Exception {
        byte[] whole = Tarball.withLibrary("a").bytes();
        assertThatThrownBy(() -> unpack(Arrays.copyOf(whole, whole.length / 2))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> unpack(new byte[]{1, 2, 3})).isInstanceOf(IOException.class);
    }

    private void unpack(byte[] archive) throws IOException, EngineException {
        Path file = Files.write(folder.resolve("archive.tgz"), archive);
        new PackageArchive(1000).unpack(file, Files.createDirectories(folder.resolve("out")));
    }

    private List<String> unpacked() throws IOException {
        Path out = folder.resolve("out");
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(Files::isRegularFile).map(file -> out.relativize(file).toString()).toList();
        }
    }
}
