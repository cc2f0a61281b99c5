package org.barnraiser.testing.conformance;

import com.google.common.primitives.ImmutableIntArray;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.barnraiser.proto.Step;
import org.barnraiser.testing.SharedFiles;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What it changes that a cache for many readers is read by flash attention. Weights of 8 bits would round its effect up to theirs. */
class AttentionQualityTest {
    private static final int TOKENS = 400;

    static List<Library> libraries() throws Exception {
        return Library.all();
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void a_cache_for_many_readers_changes_next_to_nothing(Library library) throws Exception {
        Optional<Path> stories = SharedFiles.find("models/stories260K.gguf");
        assumeTrue(stories.isPresent());
        List<Step> script = WireQualityTest.script(
                ImmutableIntArray.copyOf(IntStream.range(0, TOKENS).map(position -> 10 + position * 7 % TOKENS)));
        Logits alone = WholeModel.run(library.llama(), stories.orElseThrow(), script);
        Logits shared = WholeModel.run(library.llama(), stories.orElseThrow(), Script.MANY_SLOTS, script);
        assertThat(alone.rows()).isEqualTo(TOKENS);
        assertThat(alone.divergenceOf(shared)).isPositive().isLessThan(1e-4);
    }
}
