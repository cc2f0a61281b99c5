package org.barnraiser.testing.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.testing.models.Family;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A model cut into stages computes what the uncut model computes, to the last bit, on every library. With
 * {@code -Dbarnraiser.conformance=full} every cut into 2, 3 and n stages is tried in every quantisation; otherwise every cut into two
 * in F32, and a few others.
 */
class ConformanceTest {

    private static final boolean FULL = "full".equals(System.getProperty("barnraiser.conformance"));
    private static final List<GgmlType> TYPES = List.of(GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0,
            GgmlType.Q4_K, GgmlType.Q6_K);

    @TempDir
    private static Path folder;

    private static final References REFERENCES = new References();

    /** One cut of one model on one library. */
    record Case(Family family, GgmlType type, Library library, List<Integer> cut) {
        @Override
        public String toString() {
            return "%s %s on %s, cut %s".formatted(family, type, library,
                    cut.stream().map(String::valueOf).collect(Collectors.joining("-")));
        }
    }

    static List<Case> cases() throws Exception {
        List<Case> cases = new ArrayList<>();
        List<Library> libraries = Library.all();
        for (Family family : Family.values()) {
            for (Library library : libraries) {
                if (Support.isExpected(family, library.abi())) {
                    List<Integer> points = cutPoints(family, library);
                    for (GgmlType type : TYPES) {
                        cuts(points, type).forEach(cut -> cases.add(new Case(family, type, library, cut)));
                    }
                }
            }
        }
        // Neighbours share a model file and a reference.
        cases.sort(Comparator.comparing(Case::family).thenComparing(Case::type).thenComparing(c -> c.library().name()));
        return cases;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void a_cut_model_computes_what_the_whole_one_does(Case one) throws Exception {
        Reference reference = REFERENCES.of(one.family(), one.type(), one.library(), folder);
        Logits split = SplitModel.run(one.library(), reference.model(), reference.manifest(), one.cut(), folder,
                reference.script());
        assertThat(reference.logits().areSane()).isTrue();
        assertThat(reference.logits().differenceTo(split)).isEmpty();
    }

    @AfterAll
    static void close() throws IOException {
        REFERENCES.close();
    }

    private static List<Integer> cutPoints(Family family, Library library) throws Exception {
        Path file = TestModel.write(family, GgmlType.F32, folder, library.llama());
        try (ModelFile model = ModelFile.open(file)) {
            return Architectures.cutPoints(model, library.abi()).asList();
        } finally {
            Files.delete(file);
        }
    }

    /** Every two stages, the most stages, and between them every three or one example. */
    private static Stream<List<Integer>> cuts(List<Integer> points, GgmlType type) {
        List<List<Integer>> two = new ArrayList<>();
        List<List<Integer>> three = new ArrayList<>();
        int last = points.getLast();
        for (int i = 1; i < points.size() - 1; i++) {
            two.add(List.of(0, points.get(i), last));
            for (int j = i + 1; j < points.size() - 1; j++) {
                three.add(List.of(0, points.get(i), points.get(j), last));
            }
        }
        if (FULL) {
            return Stream.of(two, three, List.of(points)).flatMap(List::stream).distinct();
        }
        List<List<Integer>> example = three.isEmpty() ? two : three.subList(three.size() / 2, three.size() / 2 + 1);
        return type == GgmlType.F32
                ? Stream.of(two, example, List.of(points)).flatMap(List::stream).distinct()
                : example.stream();
    }
}
