package org.barnraiser.coordinator.library;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * A model that this host has, as it is written down in {@code model.json} beside its files; field names are those of the JSON.
 *
 * @param name the host's name for it
 * @param digest sha256 of its manifest, 64 lower-case hex digits
 * @param architecture {@code general.architecture}
 * @param layers that compute
 * @param source where it came from, with the exact revision; a path for a local file
 * @param author who made it, as far as anybody says
 * @param license its name, as far as anybody says; empty means that nobody says, not that there is none
 * @param licenseLink where its text is; may be empty
 * @param added when, as an ISO 8601 instant
 * @param files in split order
 */
public record StoredModel(String name, String digest, String architecture, int layers, String source, String author,
        String license, String licenseLink, String added, List<StoredFile> files) {

    /**
     * One file of it.
     *
     * @param url from where its weights are to be had, when they are not here; empty when they are
     * @param gated that address gives them out to who has a token only
     */
    public record StoredFile(String name, long sizeBytes, String sha256, String url, boolean gated) {
        public StoredFile {
            // What was written down before there were addresses has none.
            url = Objects.requireNonNullElse(url, "");
        }

        /** A file that is here. */
        StoredFile(String name, long sizeBytes, String sha256) {
            this(name, sizeBytes, sha256, "", false);
        }
    }

    /** Whether its weights are here; else only what it says of itself is. */
    @JsonIgnore
    public boolean isHere() {
        return files.stream().allMatch(file -> file.url().isEmpty());
    }

    public long sizeBytes() {
        return files.stream().mapToLong(StoredFile::sizeBytes).sum();
    }

    /** The file that stands for the whole, in the model's folder. */
    Path firstFile(Path folder) {
        return folder.resolve(files.getFirst().name());
    }
}
