package org.barnraiser.coordinator.gguf;

import java.nio.file.Path;

/** Manifests on disk, so that a large model is hashed once. */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"})
public final class ManifestCache {
    private final Path directory;

    public ManifestCache(Path directory) {
        this.directory = directory;
    }

    /** The manifest, from the cache when the files have not changed since. */
    public Manifest manifestOf(ModelFile model, Manifest.Progress progress) throws GgufException {
        throw new UnsupportedOperationException("not yet " + directory + model + progress);
    }
}
