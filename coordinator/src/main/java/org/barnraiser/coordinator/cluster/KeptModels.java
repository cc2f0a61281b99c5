package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableSet;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.barnraiser.coordinator.gguf.ManifestCache;
import org.barnraiser.coordinator.library.LibraryException;
import org.barnraiser.coordinator.library.ModelLibrary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Of which models workers need not keep a last copy: those whose files are on this coordinator's disk, and those that were given up. */
final class KeptModels implements Predicate<String> {
    private static final Logger LOG = LoggerFactory.getLogger(KeptModels.class);

    private final Path dataDirectory;
    private final ImmutableSet<String> givenUp;
    private final Predicate<String> served;

    /** @param served whether all of something is given out from here */
    KeptModels(Path dataDirectory, ImmutableSet<String> givenUp, Predicate<String> served) {
        this.dataDirectory = dataDirectory;
        this.givenUp = givenUp;
        this.served = served;
    }

    @Override
    public boolean test(String digest) {
        return givenUp.contains(digest) || served.test(digest) || isInLibrary(digest)
                || new ManifestCache(dataDirectory.resolve("manifests")).hasFilesOf(digest);
    }

    private boolean isInLibrary(String digest) {
        try {
            return ModelLibrary.in(dataDirectory).list().stream()
                    .anyMatch(model -> model.digest().equals(digest) && model.isHere());
        } catch (LibraryException e) {
            LOG.warn("Whether a model is here is not known: {}", e.getMessage());
            return false;
        }
    }
}
