package org.barnraiser.coordinator.library;

import java.nio.file.Path;
import java.util.List;
import org.barnraiser.coordinator.download.RemoteFile;
import org.barnraiser.coordinator.download.WebClient;

/**
 * From where the weights of a model are to be had that are not on this host.
 *
 * @param manifest the file with the sha256 of every tensor
 * @param files in split order
 * @param gated only who has a token gets them: workers have them through the coordinator, so that the token never leaves it
 * @param sources with the token
 */
public record Origin(Path manifest, List<RemoteFile> files, boolean gated, Sources sources) {

    /** Asks those servers, with the token where one is wanted. The caller closes it. */
    public WebClient open() {
        return sources.open();
    }
}
