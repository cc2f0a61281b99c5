package org.barnraiser.worker.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.barnraiser.worker.SecondLibrary;
import org.barnraiser.worker.engine.TriedEngine.Unusable;
import org.barnraiser.worker.engine.TriedEngine.Usable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

@DisabledOnOs(OS.WINDOWS)
class TrialsTest {
    @TempDir
    private Path folder;

    @Test
    void the_engine_that_comes_along_says_what_it_is() throws Exception {
        TriedEngine tried = EngineProbe.ofThisProgram().attempt(EngineLocation.BUNDLED);
        assertThat(tried).isInstanceOfSatisfying(Usable.class, engine -> {
            assertThat(engine.abi()).isEqualTo("b4916");
            assertThat(engine.record().getEngine().getBackendsList()).contains("CPU");
            assertThat(engine.devices()).extracting(device -> device.getName()).contains("CPU");
        });
    }

    @Test
    void a_current_engine_says_what_it_is() throws Exception {
        Path second = SecondLibrary.find().orElse(null);
        Assumptions.assumeTrue(second != null, "no second llama.cpp here");
        TriedEngine tried = EngineProbe.ofThisProgram()
                .attempt(EngineLocation.in(EngineSource.NPM, Objects.requireNonNull(second)));
        assertThat(tried).isInstanceOfSatisfying(Usable.class, engine -> {
            assertThat(engine.abi()).isEqualTo("v0.5");
            assertThat(engine.build()).startsWith("0.5.0");
        });
    }

    @Test
    void what_is_no_library_is_refused_in_a_sentence() throws Exception {
        Files.writeString(folder.resolve(System.mapLibraryName("llama")), "no library");
        assertThat(EngineProbe.ofThisProgram().attempt(here())).isInstanceOfSatisfying(Unusable.class,
                engine -> assertThat(engine.problem()).contains("cannot be opened").endsWith("."));
    }

    @Test
    void one_that_ends_its_process_costs_nothing_but_its_own_trial() throws Exception {
        assertThat(probe("kill -ABRT $$", Duration.ofMinutes(1)).attempt(here())).isEqualTo(new Unusable(here(),
                "It ended the process that opened it (exit status 134)."));
    }

    @Test
    void one_that_hangs_is_given_up() throws Exception {
        assertThat(probe("exec sleep 600", Duration.ofSeconds(1)).attempt(here())).isEqualTo(new Unusable(here(),
                "It did not open within 1 s."));
    }

    @Test
    void a_trial_is_remembered_until_the_library_changes() throws Exception {
        Path library = Files.writeString(folder.resolve("libllama.so"), "one");
        Path count = folder.resolve("count");
        var trials = new Trials(folder.resolve("data"), probe("echo x >> " + count
                + "; echo '{\"engine\":{\"build\":\"7\",\"abi\":\"ENGINE_ABI_V0_5\"}}'", Duration.ofMinutes(1)));
        List<TriedEngine> first = trials.remembered(List.of(here()));
        assertThat(first).singleElement().isInstanceOf(Usable.class);
        assertThat(trials.remembered(List.of(here()))).isEqualTo(first);
        assertThat(count).hasContent("x");
        Files.writeString(library, "another");
        assertThat(trials.remembered(List.of(here()))).isEqualTo(first);
        assertThat(count).hasContent("x\nx");
        trials.afresh(List.of(here()));
        assertThat(count).hasContent("x\nx\nx");
    }

    @Test
    void a_failure_is_remembered_too() throws Exception {
        Files.writeString(folder.resolve("libllama.so"), "one");
        Path count = folder.resolve("count");
        var trials = new Trials(folder.resolve("data"), probe("echo x >> " + count
                + "; echo 'It is not for this machine.' >&2; exit 1", Duration.ofMinutes(1)));
        var expected = new Unusable(here(), "It is not for this machine.");
        assertThat(trials.remembered(List.of(here()))).containsExactly(expected);
        assertThat(trials.remembered(List.of(here()))).containsExactly(expected);
        assertThat(count).hasContent("x");
    }

    private EngineLocation here() {
        return EngineLocation.in(EngineSource.NPM, folder);
    }

    private static EngineProbe probe(String script, Duration patience) {
        return new EngineProbe(List.of("sh", "-c", script), patience);
    }
}
