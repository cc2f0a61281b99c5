package org.barnraiser.worker.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.proto.AdapterUse;
import org.barnraiser.proto.StepFailure.Kind;
import org.barnraiser.worker.llama.DecodeException;
import org.barnraiser.worker.llama.LlamaContext;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.llama.LlamaModel;
import org.barnraiser.worker.llama.LoraAdapter;

/** The adapters that a stage has loaded, and those that its context computes with now. Belongs to the engine's thread. */
final class StageAdapters implements AutoCloseable {
    private static final float MAX_SCALE = 100;

    /** What is used when llama.cpp could not be told; no step asks for it. */
    private static final List<AdapterUse> UNKNOWN = List.of(AdapterUse.getDefaultInstance());

    /** By digest; empty where an adapter changes nothing in this stage's layers. */
    private final Map<String, Optional<LoraAdapter>> loaded = new LinkedHashMap<>();
    private List<AdapterUse> used = List.of();
    private long bytes;

    private StageAdapters() {}

    /** @param files the parts for the model's layers, by digest */
    static StageAdapters load(LlamaModel model, Map<String, Optional<Path>> files) throws LlamaException, IOException {
        var adapters = new StageAdapters();
        try {
            for (Map.Entry<String, Optional<Path>> file : files.entrySet()) {
                Optional<LoraAdapter> adapter = Optional.empty();
                if (file.getValue().isPresent()) {
                    adapter = Optional.of(model.loadAdapter(file.getValue().get()));
                    adapters.bytes += Files.size(file.getValue().get());
                }
                adapters.loaded.put(file.getKey(), adapter);
            }
            return adapters;
        } catch (LlamaException | IOException | RuntimeException e) {
            adapters.close();
            throw e;
        }
    }

    /** What their files take. */
    long bytes() {
        return bytes;
    }

    void check(List<AdapterUse> wanted) throws RefusedStepException {
        Set<String> seen = new HashSet<>();
        for (AdapterUse use : wanted) {
            if (!loaded.containsKey(use.getDigest()) || !seen.add(use.getDigest())
                    || !(Math.abs(use.getScale()) <= MAX_SCALE)) {
                throw new RefusedStepException(Kind.BAD_STEP,
                        "The step wants an adapter that is not loaded on this stage, twice, or at an impossible scale.");
            }
        }
    }

    /** The context computes with these, which were checked, from now on. */
    void use(LlamaContext context, List<AdapterUse> wanted) throws DecodeException {
        if (wanted.equals(used)) {
            return;
        }
        List<LoraAdapter> adapters = new ArrayList<>();
        List<Float> scales = new ArrayList<>();
        for (AdapterUse use : wanted) {
            loaded.getOrDefault(use.getDigest(), Optional.empty()).ifPresent(adapter -> {
                adapters.add(adapter);
                scales.add(use.getScale());
            });
        }
        float[] factors = new float[scales.size()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = scales.get(i);
        }
        used = UNKNOWN;
        context.useAdapters(adapters, factors);
        used = List.copyOf(wanted);
    }

    /** After the context is closed, and before the model is. */
    @Override
    public void close() {
        loaded.values().forEach(adapter -> adapter.ifPresent(LoraAdapter::close));
    }
}
