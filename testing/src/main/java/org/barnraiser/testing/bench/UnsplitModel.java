package org.barnraiser.testing.bench;

import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.LlamaOutput;
import de.kherud.llama.ModelParameters;
import java.nio.file.Path;
import org.barnraiser.coordinator.bench.Measurement;
import org.barnraiser.worker.llama.CacheType;
import org.barnraiser.worker.llama.FlashAttention;

/**
 * A whole model in one process, through java-llama.cpp's own API: what every split is measured against. It computes attention as workers
 * with as many slots do.
 */
public final class UnsplitModel implements AutoCloseable {
    /** Of workers, when nothing else is said. */
    public static final int SLOTS = 4;

    private final LlamaModel model;

    private UnsplitModel(ModelParameters parameters) {
        model = new LlamaModel(parameters);
    }

    public UnsplitModel(Path file, int contextTokens, int threads) {
        this(file, contextTokens, threads, SLOTS);
    }

    /** One that serves several readers in shared steps, as llama.cpp's server does; each has the whole context. */
    UnsplitModel(Path file, int contextTokens, int threads, int slots) {
        this(parameters(file, contextTokens * slots, threads, slots).setParallel(slots));
    }

    /** With an adapter on all that it says. */
    public static UnsplitModel withAdapter(Path file, Path adapter, int contextTokens) {
        return new UnsplitModel(
                parameters(file, contextTokens, 1, SLOTS).addLoraAdapter(adapter.toString()));
    }

    private static ModelParameters parameters(Path file, int cacheTokens, int threads, int slots) {
        ModelParameters parameters = new ModelParameters().setModel(file.toString()).setCtxSize(cacheTokens)
                .setThreads(threads).setThreadsBatch(threads).setGpuLayers(0);
        return FlashAttention.of(CacheType.F16, slots) == FlashAttention.OFF
                ? parameters
                : parameters.enableFlashAttn();
    }

    /** The greedy continuation, until the model ends it or {@code maxTokens} are there. */
    public String greedy(String prompt, int maxTokens) {
        StringBuilder text = new StringBuilder();
        for (LlamaOutput output : model.generate(parameters(prompt, maxTokens))) {
            text.append(output.text);
        }
        return text.toString();
    }

    /** One greedy answer of exactly {@code maxTokens} tokens, timed like a reader would. */
    public Measurement measure(String prompt, int maxTokens) {
        long startNanos = System.nanoTime();
        long firstNanos = 0;
        long lastNanos = 0;
        int tokens = 0;
        for (LlamaOutput _ : model.generate(parameters(prompt, maxTokens).setIgnoreEos(true))) {
            lastNanos = System.nanoTime();
            firstNanos = firstNanos == 0 ? lastNanos : firstNanos;
            tokens++;
        }
        return Measurement.of((firstNanos - startNanos) / 1e6, tokens, (lastNanos - firstNanos) / 1e6);
    }

    private static InferenceParameters parameters(String prompt, int maxTokens) {
        return new InferenceParameters(prompt).setTemperature(0).setNPredict(maxTokens).setCachePrompt(false);
    }

    @Override
    public void close() {
        model.close();
    }
}
