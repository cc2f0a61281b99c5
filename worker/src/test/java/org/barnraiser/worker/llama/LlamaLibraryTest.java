package org.barnraiser.worker.llama;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LlamaLibraryTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void a_library_is_recognized_and_opened_once(LlamaAbi abi) throws Exception {
        LlamaLibrary library = TestEngines.open(abi);
        assertThat(library.abi()).isEqualTo(abi);
        assertThat(library.build()).isNotEmpty();
        assertThat(library.systemInfo()).contains("CPU");
        assertThat(LlamaLibrary.open(TestEngines.directory(abi))).isSameAs(library);
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void the_processor_is_among_the_devices(LlamaAbi abi) {
        assertThat(TestEngines.open(abi).devices()).anySatisfy(device -> {
            assertThat(device.kind()).isEqualTo(Device.Kind.CPU);
            assertThat(device.name()).isNotEmpty();
            assertThat(device.freeBytes()).isBetween(0L, device.totalBytes());
        });
    }

    @Test
    void a_folder_without_a_library_is_refused() {
        assertThatThrownBy(() -> LlamaLibrary.open(Optional.of(folder))).isInstanceOf(LibraryException.class)
                .hasMessageContaining("holds no libllama");
        assertThatThrownBy(() -> LlamaLibrary.open(Optional.of(folder.resolve("none"))))
                .isInstanceOf(LibraryException.class).hasMessageContaining("is not there");
    }

    @Test
    void a_file_that_is_no_library_is_refused_by_name() throws Exception {
        Path file = Files.writeString(folder.resolve(System.mapLibraryName("llama")), "not a library");
        assertThatThrownBy(() -> LlamaLibrary.open(Optional.of(folder))).isInstanceOf(LibraryException.class)
                .hasMessageContaining(file.toRealPath().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"libllama.so", "libllama.so.0", "libllama.so.0.5.1", "libllama.v0.5.0.so", "libllama.dylib",
            "libllama.0.dylib", "libllama.0.5.1.dylib", "llama.dll", "libjllama.so"})
    void libraries_are_found_under_the_names_that_builds_give_them(String name) throws Exception {
        Files.createFile(folder.resolve(name));
        Files.createFile(folder.resolve("libllama-common.so"));
        Files.createFile(folder.resolve("libggml-cpu-haswell.so"));
        Files.createFile(folder.resolve("libggml-base.so.0"));
        Files.createFile(folder.resolve("libggml.so.0"));
        assertThat(LibraryFiles.in(folder).files()).extracting(file -> file.getFileName().toString())
                .containsExactly("libggml-base.so.0", "libggml.so.0", name);
    }

    @Test
    void sampler_functions_of_the_other_version_are_recognized() throws Exception {
        SymbolLookup symbols = LibraryFiles.bundled().open();
        SymbolLookup complete = name -> symbols.find(name).or(() -> symbols.find("llama_backend_free"));
        Abi mistaken = Abi.bind(AbiLayout.V0_5, new NativeFunctions(complete, AbiProbe.structs(AbiLayout.V0_5)));
        assertThatThrownBy(() -> SamplerProbe.check(mistaken, TestEngines.open(LlamaAbi.B4916).samplers()))
                .isInstanceOf(LibraryException.class).hasMessageContaining("other sampler functions");
    }

    @Test
    void a_layout_that_differs_anywhere_is_unknown_and_the_difference_is_named() {
        LlamaLibrary library = TestEngines.open(LlamaAbi.B4916);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment moved = arena.allocate(512).copyFrom(library.probe().contextDefaults());
            moved.set(ValueLayout.JAVA_INT, 16, 7);
            AbiProbe probe = new AbiProbe(library.probe().modelDefaults(), moved);
            assertThatThrownBy(() -> probe.recognize("libtest.so")).isInstanceOf(LibraryException.class)
                    .hasMessageContaining("libtest.so")
                    .hasMessageContaining("n_threads of llama_context_params at 16: expected 4, seen 7")
                    .hasMessageContaining("it is not v0.5");
            moved.copyFrom(library.probe().contextDefaults()).set(ValueLayout.JAVA_INT, 120, 0);
            assertThatThrownBy(() -> probe.recognize("libtest.so")).isInstanceOf(LibraryException.class)
                    .hasMessageContaining("size of llama_context_params: expected 120, seen 124");
        }
    }
}
