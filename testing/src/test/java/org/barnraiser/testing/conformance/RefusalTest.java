package org.barnraiser.testing.conformance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.UnsupportedModelException;
import org.barnraiser.testing.models.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What cannot be split exactly is refused before any worker hears of it, in words that help. */
class RefusalTest {

    @TempDir
    private Path folder;

    /** A family on a library that is not to run it. */
    record Case(Family family, Library library) {
        @Override
        public String toString() {
            return family + " on " + library;
        }
    }

    static List<Case> cases() throws Exception {
        List<Case> cases = new ArrayList<>();
        for (Library library : Library.all()) {
            for (Family family : Family.values()) {
                if (!Support.isExpected(family, library.abi()) && family != Family.DEEPSEEK2_LITE) {
                    cases.add(new Case(family, library));
                }
            }
        }
        return cases;
    }

    /** It can be hosted, but by one worker: llama.cpp knows it by its number of layers. */
    @Test
    void deepseek2_lite_is_not_cut_on_b4916() throws Exception {
        Library library = Library.all().getFirst();
        Path file = TestModel.write(Family.DEEPSEEK2_LITE, GgmlType.F32, folder, library.llama());
        try (ModelFile model = ModelFile.open(file)) {
            assertThat(Architectures.cutPoints(model, library.abi()).asList()).containsExactly(0, model.layerCount());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void a_model_that_cannot_be_split_exactly_is_refused_by_name(Case one) throws Exception {
        Path file = TestModel.write(one.family(), GgmlType.F32, folder, one.library().llama());
        try (ModelFile model = ModelFile.open(file)) {
            assertThatThrownBy(() -> Architectures.check(model, one.library().abi()))
                    .isInstanceOf(UnsupportedModelException.class).hasMessageContaining(model.architecture());
        }
    }
}
