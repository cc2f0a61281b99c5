package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * One file of the cache and its layout. {@code NAME.spec} is the layout; {@code NAME.partial} is being made or was left by an
 * interruption; {@code NAME.shard} is complete. Uses are counted under the cache's
 * lock.
 */
final class CacheEntry {
    static final String RECORD = ".spec";
    static final String PARTIAL = ".partial";
    static final String COMPLETE = ".shard";

    private final Path folder;
    private final StoredLayout layout;
    private int uses;
    private volatile boolean verified;

    CacheEntry(Path folder, StoredLayout layout) {
        this.folder = folder;
        this.layout = layout;
    }

    StoredLayout layout() {
        return layout;
    }

    Path recordFile() {
        return folder.resolve(layout.name() + RECORD);
    }

    Path partialFile() {
        return folder.resolve(layout.name() + PARTIAL);
    }

    Path completeFile() {
        return folder.resolve(layout.name() + COMPLETE);
    }

    /** Where the bytes are now. */
    Path dataFile() {
        return Files.exists(completeFile()) ? completeFile() : partialFile();
    }

    boolean isComplete() {
        return Files.exists(completeFile());
    }

    /** Bytes on disk; holes count only while the file is partial. */
    long usedBytes() throws IOException {
        try {
            return Math.min(Files.size(dataFile()), layout.storedBytes());
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    void pin() {
        uses++;
    }

    void unpin() {
        uses--;
    }

    boolean inUse() {
        return uses > 0;
    }

    /** Whether every byte was hashed since this process started. */
    boolean isVerified() {
        return verified;
    }

    void setVerified(boolean verified) {
        this.verified = verified;
    }

    void touch() throws IOException {
        Files.setLastModifiedTime(recordFile(), FileTime.fromMillis(System.currentTimeMillis()));
    }

    FileTime lastUse() {
        try {
            return Files.getLastModifiedTime(recordFile());
        } catch (IOException _) {
            return FileTime.fromMillis(0);
        }
    }

    void delete() throws IOException {
        Files.deleteIfExists(completeFile());
        Files.deleteIfExists(partialFile());
        Files.deleteIfExists(recordFile());
    }
}
