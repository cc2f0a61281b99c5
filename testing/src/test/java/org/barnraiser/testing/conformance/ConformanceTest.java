package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.barnraiser.coordinator.gguf.Architectures;
import org.barnraiser.coordinator.gguf.GgmlType;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.testing.models.Family;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A model cut into stages computes what the uncut model computes, to the last bit, on every library. With
 * {@code -Dbarnraiser.conformance=full} cuts into 2, 3 and n stages are tried in every quantisation; otherwise
 * examples of each in F32, and one cut in some quantisations.
 */
class ConformanceTest {

    private static final boolean FULL = "full".equals(System.getProperty("barnraiser.conformance"));
    private static final List<GgmlType> TYPES = FULL
            ? List.of(GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q6_K)
            : List.of(GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_K);

    /** Of one kind and model; all that there are, in models of few layers. */
    private static final int MOST_CUTS = 24;

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
                    for (GgmlType type : types(family)) {
                        List<Integer> points = cutPoints(family, type, library);
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
        SplitModel.Outcome split = SplitModel.run(one.library(), reference.model(), reference.manifest(), one.cut(),
                folder, reference.slots(), reference.script());
        assertThat(reference.logits().areSane()).isTrue();
        assertThat(reference.logits().differenceTo(split.logits())).isEmpty();
        assertThat(split.sampled()).isEqualTo(reference.sampled());
        assertThat(split.sampled()).extracting(span -> span.getSampled(0).getToken())
                .isEqualTo(reference.logits().likeliest());
    }

    @AfterAll
    static void close() throws IOException {
        REFERENCES.close();
    }

    private static List<Integer> cutPoints(Family family, GgmlType type, Library library) throws Exception {
        Path file = TestModel.writeOutline(family, type, folder, library.llama());
        try (ModelFile model = ModelFile.open(file)) {
            return Architectures.cutPoints(model, library.abi()).asList();
        } finally {
            Files.delete(file);
        }
    }

    /** Models that take long to quantise wait for the full run. */
    private static List<GgmlType> types(Family family) {
        return switch (family) {
            case DEEPSEEK2_LITE -> FULL ? TYPES : List.of(GgmlType.F32, GgmlType.Q8_0);
            // As its makers gave it out.
            case GPT_OSS -> Stream.concat(TYPES.stream(), Stream.of(GgmlType.MXFP4)).toList();
            default -> TYPES;
        };
    }

    /** Two stages, three, and as many as there can be; examples of each unless all are wanted. */
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
        if (!FULL && type != GgmlType.F32) {
            return spread(three.isEmpty() ? two : three, 1).stream();
        }
        return Stream.of(spread(two, FULL ? MOST_CUTS : 2), spread(three, FULL ? MOST_CUTS : 1), List.of(points))
                .flatMap(List::stream).distinct();
    }

    /** At most so many of the cuts, evenly chosen. */
    private static List<List<Integer>> spread(List<List<Integer>> cuts, int most) {
        int count = Math.min(most, cuts.size());
        return IntStream.range(0, count).mapToObj(i -> cuts.get((2 * i + 1) * cuts.size() / (2 * count))).toList();
    }
}
