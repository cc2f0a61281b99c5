package org.barnraiser.coordinator.download;

import java.net.URI;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file on a web server.
 *
 * @param uri where it is, http or https
 * @param name its name, for people
 * @param sizeBytes what it must have, where that is known beforehand
 * @param sha256 what it must have, 64 lower-case hex digits, where that is known beforehand
 */
public record RemoteFile(URI uri, String name, OptionalLong sizeBytes, Optional<String> sha256) {

    /** A file of which only the address is known. */
    public static RemoteFile at(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        return new RemoteFile(uri, path.substring(path.lastIndexOf('/') + 1), OptionalLong.empty(), Optional.empty());
    }
}
