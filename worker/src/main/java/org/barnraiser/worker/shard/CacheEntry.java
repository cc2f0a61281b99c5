package org.barnraiser.worker.shard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.barnraiser.proto.Piece;

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
    /** Pieces that were found right since this process started, while not all were. */
    private final Set<String> right = ConcurrentHashMap.newKeySet();
    private int uses;
    private volatile boolean verified;
    /** Whether a piece was found to be damaged; until it is right again, only what was found right counts. */
    private volatile boolean damaged;

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
        if (verified) {
            damaged = false;
            right.clear();
        }
    }

    void onRight(Piece piece) {
        onRight(piece.getSha256());
    }

    void onRight(String sha256) {
        if (!verified) {
            right.add(sha256);
        }
    }

    /** It is going to be hashed again; what was known of its pieces does not count any more. */
    void forget() {
        verified = false;
        right.clear();
    }

    /** A piece is not as it must be: from now on only those count that {@link #onRight} was told of. */
    void onDamaged() {
        verified = false;
        damaged = true;
    }

    /** Whether the piece was hashed and found right since this process started. */
    boolean isRight(String sha256) {
        return verified || right.contains(sha256);
    }

    /** The pieces that are here; those of a file from an earlier process may turn out to be damaged when they are read. */
    Stream<String> pieces() {
        return pieces(extent -> true);
    }

    /** The same without headers: what others may need. */
    Stream<String> weights() {
        return pieces(extent -> !extent.isHeader());
    }

    private Stream<String> pieces(Predicate<Extent> which) {
        boolean all = verified || (isComplete() && !damaged);
        return layout.extents().stream().filter(extent -> !extent.isHole()).filter(which)
                .map(extent -> extent.piece().getSha256()).filter(sha256 -> all || right.contains(sha256));
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
