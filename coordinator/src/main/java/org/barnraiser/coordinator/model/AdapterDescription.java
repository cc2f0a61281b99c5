package org.barnraiser.coordinator.model;

/**
 * An adapter that a model can be asked with.
 *
 * @param name what readers ask for it by, as {@code MODEL+NAME}
 * @param digest sha256 of its manifest, 64 lower-case hex digits; its identity
 */
public record AdapterDescription(String name, String digest) {}
