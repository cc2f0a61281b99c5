package org.barnraiser.coordinator.cluster;

import java.nio.file.Path;
import java.util.Optional;
import org.barnraiser.coordinator.library.Origin;

/**
 * A model that a coordinator is to host.
 *
 * @param file the GGUF file, or the first of a split set
 * @param origin from where weights are to be had that are not on this host; empty: the model's files are here
 */
public record ModelToHost(Path file, Optional<Origin> origin) {}
