package org.barnraiser.coordinator.download;

/** Hears how far something long has come. Called from several threads, many times a second; must not block. */
@FunctionalInterface
public interface Progress {

    /**
     * @param what is being worked on, for people
     * @param doneBytes so far
     * @param totalBytes in all
     */
    void reached(String what, long doneBytes, long totalBytes);
}
