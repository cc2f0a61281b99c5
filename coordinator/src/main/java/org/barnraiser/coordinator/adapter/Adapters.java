package org.barnraiser.coordinator.adapter;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.gguf.AdapterFile;
import org.barnraiser.coordinator.gguf.AdapterSlicer;
import org.barnraiser.coordinator.gguf.GgufException;
import org.barnraiser.coordinator.gguf.ModelFile;
import org.barnraiser.coordinator.model.AdapterDescription;
import org.barnraiser.proto.AdapterCut;

/** The adapters of one model, open for as long as the model is hosted. Thread-safe. */
public final class Adapters implements AutoCloseable {
    private final ModelFile model;
    private final List<AdapterFile> files = new ArrayList<>();
    private final List<AdapterDescription> descriptions = new ArrayList<>();

    private Adapters(ModelFile model) {
        this.model = model;
    }

    /**
     * Opens and checks what a store has for a model.
     *
     * @throws AdapterException that names the adapter which cannot be used
     */
    public static Adapters open(AdapterStore store, ModelFile model, String modelDigest) throws AdapterException {
        var adapters = new Adapters(model);
        for (AdapterStore.Stored stored : store.of(modelDigest)) {
            try {
                AdapterFile file = AdapterFile.open(stored.file());
                adapters.files.add(file);
                file.checkFits(model);
                adapters.descriptions.add(new AdapterDescription(stored.name(), file.digest()));
            } catch (GgufException e) {
                adapters.close();
                throw new AdapterException("The adapter " + stored.name() + " cannot be used: " + e.getMessage()
                        + " 'barn adapter remove " + stored.name() + "' forgets it.", e);
            }
        }
        return adapters;
    }

    public List<AdapterFile> files() {
        return List.copyOf(files);
    }

    public List<AdapterDescription> descriptions() {
        return List.copyOf(descriptions);
    }

    /** Their parts for layers {@code [first, last)}; two that are the same file are one. */
    public List<AdapterCut> cuts(int first, int last) {
        return files.stream().map(file -> AdapterSlicer.slice(file, model, first, last)).distinct().toList();
    }

    @Override
    public void close() {
        files.forEach(AdapterFile::close);
    }
}
