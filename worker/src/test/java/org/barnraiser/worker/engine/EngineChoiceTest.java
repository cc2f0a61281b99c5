package org.barnraiser.worker.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.proto.EngineAbi;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.WorkerRecord;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EngineChoiceTest {
    private static final TriedEngine BUNDLED = engine("", EngineAbi.ENGINE_ABI_B4916, "b4916");

    @Test
    void an_engine_that_sees_a_gpu_goes_before_newer_ones() {
        EngineChoice choice = EngineChoice.among(List.of(engine("new", EngineAbi.ENGINE_ABI_V0_5, "0.9.0"),
                engine("gpu", EngineAbi.ENGINE_ABI_B4916, "b5000", "Vulkan0"), BUNDLED), List.of());
        assertThat(choice.folder()).contains(Path.of("gpu"));
        assertThat(choice.reason()).contains("sees Vulkan0, a GPU");
    }

    @Test
    void without_a_gpu_the_newest_is_taken_number_by_number() {
        EngineChoice choice = EngineChoice.among(List.of(engine("old", EngineAbi.ENGINE_ABI_V0_5, "0.9.0"),
                engine("new", EngineAbi.ENGINE_ABI_V0_5, "0.10.0-dev"), BUNDLED), List.of());
        assertThat(choice.folder()).contains(Path.of("new"));
        assertThat(choice.reason()).contains("newest of 3").contains("none of them sees a GPU");
    }

    @Test
    void of_two_that_are_alike_the_first_place_counts() {
        EngineChoice choice = EngineChoice.among(List.of(engine("first", EngineAbi.ENGINE_ABI_V0_5, "0.5.0"),
                engine("second", EngineAbi.ENGINE_ABI_V0_5, "0.5.0"), BUNDLED), List.of());
        assertThat(choice.folder()).contains(Path.of("first"));
    }

    @Test
    void an_engine_that_sees_the_named_devices_goes_before_all() {
        EngineChoice choice = EngineChoice.among(List.of(
                engine("cuda", EngineAbi.ENGINE_ABI_V0_5, "0.9.0", "CUDA0", "CUDA1"),
                engine("vulkan", EngineAbi.ENGINE_ABI_V0_5, "0.5.0", "Vulkan0"), BUNDLED), List.of("Vulkan0"));
        assertThat(choice.folder()).contains(Path.of("vulkan"));
    }

    @Test
    void what_cannot_be_used_leaves_the_one_that_comes_along() {
        EngineChoice choice = EngineChoice.among(List.of(
                new Unusable(EngineLocation.in(EngineSource.NPM, Path.of("broken")), "It does not open."), BUNDLED),
                List.of());
        assertThat(choice).isEqualTo(new EngineChoice(Optional.empty(),
                "It comes along, and no other that was found can be used."));
    }

    @Test
    void what_is_named_is_taken_untried() throws Exception {
        Path data = Path.of("no", "data");
        assertThat(EngineChoice.of(data, Optional.of(Path.of("mine")), List.of()).folder()).contains(Path.of("mine"));
        assertThat(EngineChoice.of(data, Optional.of(Path.of("bundled")), List.of()).folder()).isEmpty();
    }

    private static Usable engine(String folder, EngineAbi abi, String build, String... gpus) {
        var record = WorkerRecord.newBuilder().setEngine(EngineRecord.newBuilder().setAbi(abi).setBuild(build))
                .addDevices(DeviceRecord.newBuilder().setName("CPU").setKind("CPU"));
        Stream.of(gpus).forEach(name -> record
                .addDevices(DeviceRecord.newBuilder().setName(name).setKind("GPU").setDescription("a GPU")));
        return new Usable(folder.isEmpty()
                ? EngineLocation.BUNDLED
                : EngineLocation.in(EngineSource.NPM, Path.of(folder)), record.build());
    }
}
