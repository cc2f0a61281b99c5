package org.barnraiser.testing.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.barnraiser.coordinator.adapter.AdapterStore;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.testing.SharedFiles;
import org.barnraiser.testing.bench.UnsplitModel;
import org.barnraiser.testing.models.RandomAdapter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Real processes answer with an adapter what llama.cpp alone answers with it, while others are answered without. */
class AdaptersOnClusterTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROMPT = "<|im_start|>user\nWhat is Barnraiser?<|im_end|>\n<|im_start|>assistant\n";
    private static final int MAX_TOKENS = 24;

    @TempDir
    private Path data;

    @Test
    void readers_with_and_without_an_adapter_are_answered_side_by_side() throws Exception {
        Optional<Path> model = SharedFiles.find("demo-model/barnraiser-demo.gguf");
        assumeTrue(model.isPresent());
        Path adapter = data.resolve("random.gguf");
        add(model.orElseThrow(), adapter);
        String plain;
        String changed;
        try (UnsplitModel unsplit = new UnsplitModel(model.orElseThrow(), 512, 1);
                UnsplitModel adapted = UnsplitModel.withAdapter(model.orElseThrow(), adapter, 512)) {
            plain = unsplit.greedy(PROMPT, MAX_TOKENS);
            changed = adapted.greedy(PROMPT, MAX_TOKENS);
        }
        assertThat(changed).isNotEqualTo(plain);
        try (RunningBarn barn = RunningBarn.start(RunningBarn.Settings.demo(2, data).withModel(model.orElseThrow())
                .withOptions("--speculate", "off", "--forget"));
                ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            barn.awaitReady(PATIENCE);
            List<String> names = JSON.readTree(barn.get("/v1/models").body()).path("data").findValuesAsText("id");
            assertThat(names).hasSize(2);
            assertThat(names.getLast()).isEqualTo(names.getFirst() + "+random");
            for (int round = 0; round < 3; round++) {
                var with = CompletableFuture.supplyAsync(() -> complete(barn, names.getLast()), readers);
                var without = CompletableFuture.supplyAsync(() -> complete(barn, names.getFirst()), readers);
                assertThat(with.get()).isEqualTo(changed);
                assertThat(without.get()).isEqualTo(plain);
            }
        }
    }

    private void add(Path file, Path adapter) throws Exception {
        try (ModelFile model = ModelFile.open(file)) {
            new RandomAdapter(4, 8, 3).write(adapter, model);
            new AdapterStore(data).add(adapter, "random", model, Manifest.of(model).digest());
        }
    }

    private static String complete(RunningBarn barn, String model) {
        try {
            var answer = barn.post("/v1/completions", JSON.writeValueAsString(JSON.createObjectNode()
                    .put("model", model).put("prompt", PROMPT).put("temperature", 0).put("max_tokens", MAX_TOKENS)));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            JsonNode body = JSON.readTree(answer.body());
            assertThat(body.path("model").asText()).isEqualTo(model);
            return body.path("choices").path(0).path("text").asText();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
