package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.barnraiser.testing.SecondLibrary;
import org.barnraiser.testing.SharedFiles;
import org.barnraiser.testing.bench.UnsplitModel;
import org.barnraiser.worker.llama.LlamaLibrary;
import org.barnraiser.worker.llama.WholeEmbeddings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Real processes over a real ZooKeeper answer word for word what llama.cpp alone answers for the same file. */
class SplitAnswersTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_TOKENS = 80;
    /** What shares a step changes how llama.cpp rounds, and guesses share steps. */
    private static final String[] ONE_TOKEN_AFTER_THE_OTHER = {"--speculate", "off"};
    private static final List<String> DEMO_PROMPTS = List.of(
            "<|im_start|>user\nWhat is Barnraiser?<|im_end|>\n<|im_start|>assistant\n",
            "<|im_start|>user\nWho can read my chats?<|im_end|>\n<|im_start|>assistant\n");
    private static final List<String> STORY_PROMPTS = List.of("Once upon a time", "The big dog");

    @TempDir
    private Path data;

    @ParameterizedTest(name = "{0}, workers: {1}")
    @CsvSource({"demo,2", "stories,1", "stories,3"})
    void split_answers_equal_unsplit_ones(String model, int workers) throws Exception {
        Path file = file(model);
        try (RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(workers, data).withModel(file)
                .withOptions(ONE_TOKEN_AFTER_THE_OTHER))) {
            barn.awaitReady(PATIENCE);
            // On a busy machine a worker that answers late gets its part a little later.
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(barn.stages()).hasSize(workers));
            assertAnswersLikeUnsplit(barn, file, prompts(model));
            assertMeansLikeUnsplit(barn, file);
        }
    }

    @Test
    void a_current_llama_cpp_answers_the_same() throws Exception {
        Optional<Path> library = SecondLibrary.find();
        assumeTrue(library.isPresent());
        Path file = file("stories");
        RunningBarn.Settings settings = RunningBarn.Settings.demo(3, data).withModel(file)
                .withLlamaLibrary(library.orElseThrow()).withOptions(ONE_TOKEN_AFTER_THE_OTHER);
        try (RunningBarn barn = RunningBarn.start(settings)) {
            barn.awaitReady(PATIENCE);
            assertAnswersLikeUnsplit(barn, file, STORY_PROMPTS);
        }
    }

    @Test
    void hidden_states_may_travel_at_half_precision() throws Exception {
        RunningBarn.Settings settings = RunningBarn.Settings.demo(3, data).withOptions("--wire", "F16");
        try (RunningBarn barn = RunningBarn.start(settings)) {
            barn.awaitReady(PATIENCE);
            assertThat(complete(barn, DEMO_PROMPTS.getFirst()).path("finish_reason").asText()).isEqualTo("stop");
        }
    }

    private static void assertAnswersLikeUnsplit(RunningBarn barn, Path file, List<String> prompts) throws Exception {
        try (UnsplitModel unsplit = new UnsplitModel(file, 512, 1)) {
            for (String prompt : prompts) {
                assertThat(complete(barn, prompt).path("text").asText()).as(prompt).isNotEmpty()
                        .isEqualTo(unsplit.greedy(prompt, MAX_TOKENS));
            }
        }
    }

    /** The mean of what llama.cpp itself tells of each token, whichever way the text is cut into steps. */
    private static void assertMeansLikeUnsplit(RunningBarn barn, Path file) throws Exception {
        List<Integer> tokens = IntStream.rangeClosed(10, 110).boxed().toList();
        List<float[]> rows = WholeEmbeddings.of(LlamaLibrary.open(Optional.empty()), file, tokens, UnsplitModel.SLOTS);
        double[] mean = IntStream.range(0, rows.getFirst().length)
                .mapToDouble(i -> rows.stream().mapToDouble(row -> row[i]).average().orElseThrow()).toArray();
        double length = Math.sqrt(Arrays.stream(mean).map(value -> value * value).sum());
        var answer = barn.post("/v1/embeddings", "{\"input\":" + tokens + "}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode embedding = JSON.readTree(answer.body()).path("data").path(0).path("embedding");
        assertThat(embedding).hasSize(mean.length);
        for (int i = 0; i < mean.length; i++) {
            assertThat(embedding.path(i).asDouble()).isCloseTo(mean[i] / length, within(1e-3));
        }
    }

    private static JsonNode complete(RunningBarn barn, String prompt) throws Exception {
        var answer = barn.post("/v1/completions", JSON.writeValueAsString(JSON.createObjectNode().put("prompt", prompt)
                .put("temperature", 0).put("max_tokens", MAX_TOKENS)));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("choices").path(0);
    }

    private static List<String> prompts(String model) {
        return model.equals("demo") ? DEMO_PROMPTS : STORY_PROMPTS;
    }

    private static Path file(String model) {
        Optional<Path> file = SharedFiles.find(model.equals("demo")
                ? "demo-model/barnraiser-demo.gguf"
                : "models/stories260K.gguf");
        assumeTrue(file.isPresent());
        return file.orElseThrow();
    }
}
