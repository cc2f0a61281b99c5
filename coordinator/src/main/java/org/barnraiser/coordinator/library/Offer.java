package org.barnraiser.coordinator.library;

import java.util.List;
import org.barnraiser.coordinator.download.RemoteFile;

/**
 * A model that a server has, ready to be fetched.
 *
 * @param files one, or all of a split set in order
 * @param provenance what the server says of it
 */
record Offer(List<RemoteFile> files, Provenance provenance) {

    /**
     * Where a model comes from.
     *
     * @param source as a person would write it, with the exact revision
     * @param author empty when nobody says
     * @param license empty when nobody says
     * @param licenseLink empty when nobody says
     */
    record Provenance(String source, String author, String license, String licenseLink) {

        /** This, with what a file says of itself where this says nothing. */
        Provenance or(Provenance file) {
            return new Provenance(source, first(author, file.author), first(license, file.license),
                    first(licenseLink, file.licenseLink));
        }

        private static String first(String one, String other) {
            return one.isBlank() ? other : one;
        }
    }
}
