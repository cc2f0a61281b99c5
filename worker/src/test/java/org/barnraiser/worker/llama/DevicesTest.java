package org.barnraiser.worker.llama;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DevicesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void llama_cpp_uses_the_devices_that_it_is_given(LlamaAbi abi) throws Exception {
        ModelOptions options = ModelOptions.defaults();
        assertThat(devicesUsed(abi, options.withDevices(List.of("CPU")))).singleElement().asString()
                .contains("using device CPU");
        assertThat(devicesUsed(abi, options.withDevices(List.of()))).isEmpty();
        assertThat(devicesUsed(abi, options)).noneMatch(line -> line.contains("device CPU"));
    }

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void an_unknown_device_is_refused_with_those_that_there_are(LlamaAbi abi) {
        LlamaLibrary library = TestEngines.open(abi);
        assertThatThrownBy(() -> Devices.of(library, List.of("CPU", "CUDA7"))).isInstanceOf(LibraryException.class)
                .hasMessageContaining("--device CUDA7 is not there").hasMessageContaining("sees CPU");
        assertThatThrownBy(() -> library
                .loadModel(TestEngines.stories(), ModelOptions.defaults().withDevices(List.of("CUDA7"))))
                .isInstanceOf(ModelLoadException.class).hasMessageContaining("CUDA7");
    }

    @Test
    void the_cpu_is_never_among_what_layers_are_put_on() throws Exception {
        LlamaLibrary library = TestEngines.open(LlamaAbi.B4916);
        Devices named = Devices.of(library, List.of("CPU", "CPU"));
        assertThat(named.now()).extracting(Device::name).containsExactly("CPU");
        assertThat(named.gpus()).isEmpty();
        assertThat(named.chosen()).contains(List.of());
        assertThat(Devices.all(library).chosen()).isEmpty();
        assertThat(Devices.all(library).now()).extracting(Device::name).contains("CPU");
    }

    @Test
    void a_backend_in_the_fallback_folder_serves_when_the_one_beside_the_library_does_not() throws Exception {
        Path second = TestEngines.directory(LlamaAbi.V0_5).orElseThrow();
        try (Stream<Path> files = Files.list(second)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.equals("libggml-cpu-x64.so")) {
                    Files.copy(file, Files.createDirectories(folder.resolve("fallback")).resolve("libggml-cpu.so"));
                } else if (!name.startsWith("libggml-cpu")) {
                    Files.copy(file, folder.resolve(name));
                }
            }
        }
        assertThat(LlamaLibrary.open(Optional.of(folder)).devices()).extracting(Device::name).containsExactly("CPU");
    }

    private static List<String> devicesUsed(LlamaAbi abi, ModelOptions options) throws Exception {
        LlamaLibrary library = TestEngines.open(abi);
        Logger logger = (Logger) LoggerFactory.getLogger(EngineLog.class);
        Level before = logger.getLevel();
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        logger.addAppender(lines);
        logger.setLevel(Level.DEBUG);
        try {
            library.loadModel(TestEngines.stories(), options).close();
        } finally {
            logger.setLevel(before);
            logger.detachAppender(lines);
        }
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("using device")).toList();
    }
}
