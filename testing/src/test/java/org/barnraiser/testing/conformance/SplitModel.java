package org.barnraiser.testing.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.AdapterSlicer;
import org.barnraiser.coordinator.gguf.Manifest;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.gguf.Slicer;
import org.barnraiser.proto.AdapterCut;
import org.barnraiser.proto.HiddenStates.Encoding;
import org.barnraiser.proto.Piece;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.SpanResult;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.barnraiser.worker.llama.LlamaException;
import org.barnraiser.worker.shard.FileRange;
import org.barnraiser.worker.shard.InvalidShardSpecException;
import org.barnraiser.worker.stage.InsufficientMemoryException;
import org.barnraiser.worker.stage.StageEngine;
import org.barnraiser.worker.stage.StagePlace;
import org.barnraiser.worker.stage.StageSettings;
import org.jspecify.annotations.Nullable;

/** A model cut at layer boundaries: the worker's own stages, one after the other, with f32 between them if nothing else is said. */
final class SplitModel implements AutoCloseable {

    private final Library library;
    private final ModelFile model;
    private final Path folder;
    private final List<Path> shards = new ArrayList<>();
    private final List<StageEngine> stages = new ArrayList<>();
    private final Encoding wire;
    private final int slots;
    private @Nullable Tail tail;

    private SplitModel(Library library, ModelFile model, Path folder, Encoding wire, int slots) {
        this.library = library;
        this.model = model;
        this.folder = folder;
        this.wire = wire;
        this.slots = slots;
    }

    /**
     * What a run of a cut model gave.
     *
     * @param logits of the sampled tokens; empty when there is one stage only
     * @param sampled what the tail said
     */
    record Outcome(Logits logits, List<SpanResult> sampled) {}

    /**
     * What the cut model computes for the script.
     *
     * @param cut layer boundaries, from 0 to the layer count
     * @param folder where the shards are kept meanwhile
     * @param slots of every stage, the script's at least
     */
    static Outcome run(Library library, ModelFile model, Manifest manifest, List<Integer> cut, Path folder, int slots,
            List<Step> script) throws Exception {
        return run(new SplitModel(library, model, folder, Encoding.F32, slots), manifest, cut, List.of(), script);
    }

    /** The same with hidden states in this encoding on every link but the last, behind which the logits are looked at. */
    static Outcome run(Library library, ModelFile model, List<Integer> cut, Path folder, Encoding wire,
            List<Step> script) throws Exception {
        return run(new SplitModel(library, model, folder, wire, Script.SLOTS), Manifest.of(model), cut, List.of(),
                script);
    }

    /** The same with adapters, of which only what is sampled is looked at. */
    static Outcome run(Library library, ModelFile model, Manifest manifest, List<Integer> cut, Path folder,
            List<AdapterFile> adapters, List<Step> script) throws Exception {
        return run(new SplitModel(library, model, folder, Encoding.F32, Script.SLOTS), manifest, cut, adapters, script);
    }

    private static Outcome run(SplitModel whole, Manifest manifest, List<Integer> cut, List<AdapterFile> adapters,
            List<Step> script) throws Exception {
        try (SplitModel split = whole) {
            for (int i = 0; i + 1 < cut.size(); i++) {
                split.addStage(Slicer.slice(split.model, manifest, cut.get(i), cut.get(i + 1), split.library.abi()),
                        adapters);
            }
            return split.run(script);
        }
    }

    private Map<String, Optional<Path>> parts(ShardSpec spec, List<AdapterFile> adapters) throws IOException {
        Map<String, Optional<Path>> parts = new LinkedHashMap<>();
        for (AdapterFile adapter : adapters) {
            AdapterCut cut = AdapterSlicer.slice(adapter, model, spec.getLayers().getFirst(),
                    spec.getLayers().getLast());
            Optional<Path> part = Optional.empty();
            if (cut.hasFile()) {
                part = Optional.of(folder.resolve(cut.getFile().getShardId() + ".gguf"));
                shards.add(part.get());
                ShardAssembler.assemble(adapter, cut.getFile(), part.get());
            }
            parts.put(cut.getDigest(), part);
        }
        return parts;
    }

    private void addStage(ShardSpec spec, List<AdapterFile> adapters)
            throws IOException, LlamaException, InvalidShardSpecException, InsufficientMemoryException {
        Path shard = folder.resolve(spec.getShardId() + ".gguf");
        shards.add(shard);
        ShardAssembler.assemble(model, spec, shard);
        Piece table = spec.getEmbedding().getPiece();
        Optional<FileRange> embedding = spec.getHead()
                ? Optional.of(new FileRange(model.files().get(table.getFileIndex()), table.getSourceOffsetBytes(),
                        table.getLengthBytes()))
                : Optional.empty();
        var settings = new StageSettings(slots, Script.CACHE_TOKENS, Script.CACHE_TOKENS,
                Script.MAX_STEP_TOKENS, 1, 0);
        stages.add(StageEngine.open(library.llama(), shard, spec, embedding, settings,
                parts(spec, adapters), Long.MAX_VALUE));
        if (spec.getTail() && !spec.getHead() && adapters.isEmpty()) {
            tail = new Tail(library.llama(), shard, spec, slots);
        }
    }

    private Outcome run(List<Step> script) throws LlamaException {
        var logits = new Logits();
        List<SpanResult> sampled = new ArrayList<>();
        for (Step step : script) {
            Step atTail = step;
            for (int i = 0; i < stages.size() - 1; i++) {
                Encoding encoding = i < stages.size() - 2 ? wire : Encoding.F32;
                atTail = stages.get(i).process(atTail, new StagePlace(i, encoding), 0);
            }
            if (tail != null) {
                tail.decode(atTail, logits);
            }
            StepResult result = stages.getLast().finish(atTail, new StagePlace(stages.size() - 1, Encoding.F32), 0);
            if (result.hasFailure()) {
                throw new IllegalStateException("The tail failed: " + result.getFailure().getReason());
            }
            sampled.addAll(result.getSpansList());
        }
        return new Outcome(logits, sampled);
    }

    @Override
    public void close() throws IOException {
        stages.forEach(StageEngine::close);
        if (tail != null) {
            tail.close();
        }
        for (Path shard : shards) {
            Files.deleteIfExists(shard);
        }
    }
}
