package org.barnraiser.worker.llama;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.ModelParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class GreedyGenerationTest {
    private static final String STORY = ", there was a little girl named Lily. She loved to play outside in the park."
            + " One day, she saw a big, red ball. She wanted to play with it, but it was too high.";

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void the_most_likely_story_is_the_one_that_llama_cpp_tells(LlamaAbi abi) throws Exception {
        try (LlamaModel model = TestEngines.load(abi, TestEngines.stories())) {
            assertThat(Generations.greedy(model, Generations.STORY_PROMPT, 100)).startsWith(STORY);
        }
    }

    @Test
    void the_bundled_library_generates_what_its_own_java_binding_does() throws Exception {
        try (LlamaModel model = TestEngines.load(LlamaAbi.B4916, TestEngines.stories());
                var other = new de.kherud.llama.LlamaModel(
                        new ModelParameters().setModel(TestEngines.stories().toString()).setCtxSize(256)
                                .setThreads(1))) {
            String expected = other.complete(
                    new InferenceParameters(Generations.STORY_PROMPT).setTemperature(0).setNPredict(60));
            assertThat(Generations.greedy(model, Generations.STORY_PROMPT, 60)).isEqualTo(expected);
        }
    }
}
