package org.barnraiser.coordinator.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.coordinator.hash.Sha256;

/**
 * A file that is still arriving, in chunks, and its journal: one line for each chunk that is on the disk, with its sha256. The line is
 * written after the chunk, so whatever moment the process is killed at, what the journal says is there; and because a disk can lose what
 * it has promised, every chunk is checked against its line before it counts again.
 *
 * <p>{@link #write} may be called from several threads for different places; the other methods are called by the owner.
 */
final class PartFile implements AutoCloseable {
    private static final Pattern LINE = Pattern.compile("(\\d{1,9}) ([0-9a-f]{64})");
    private static final int BUFFER_BYTES = 1 << 20;

    private final Path data;
    private final Path journal;
    private final long sizeBytes;
    private final long chunkBytes;
    private final FileChannel file;
    private final FileChannel lines;
    /** Guarded by this. */
    private final BitSet done = new BitSet();

    private PartFile(Path data, Path journal, long sizeBytes, long chunkBytes) throws IOException {
        this.data = data;
        this.journal = journal;
        this.sizeBytes = sizeBytes;
        this.chunkBytes = chunkBytes;
        file = FileChannel.open(data, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            lines = FileChannel.open(journal, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Opens what has arrived of a file, or begins anew.
     *
     * @param target the file to be; its parts lie beside it
     * @param identity one line that tells this file from any other version of it; what arrived of another one is forgotten
     */
    static PartFile open(Path target, String identity, long sizeBytes, long chunkBytes) throws IOException {
        Path data = target.resolveSibling(target.getFileName() + ".part");
        Path journal = target.resolveSibling(target.getFileName() + ".journal");
        String title = "barnraiser-download 1 " + sizeBytes + " " + chunkBytes + " " + identity;
        List<String> known = read(journal);
        boolean same = !known.isEmpty() && known.getFirst().equals(title) && Files.exists(data);
        if (!same) {
            Files.deleteIfExists(journal);
            Files.deleteIfExists(data);
        }
        PartFile part = new PartFile(data, journal, sizeBytes, chunkBytes);
        try {
            if (same) {
                part.recognise(known.subList(1, known.size()));
            } else {
                part.append(title);
            }
            return part;
        } catch (IOException e) {
            part.close();
            throw e;
        }
    }

    private static List<String> read(Path journal) throws IOException {
        try {
            return Files.readAllLines(journal);
        } catch (NoSuchFileException | CharacterCodingException _) {
            return List.of();
        }
    }

    private void recognise(List<String> known) throws IOException {
        for (String line : known) {
            Matcher match = LINE.matcher(line);
            // A line that was cut off by a crash names a chunk that is fetched again.
            if (match.matches()) {
                int chunk = Integer.parseInt(match.group(1));
                if (chunk < chunks() && hash(chunk).equals(match.group(2))) {
                    done.set(chunk);
                }
            }
        }
    }

    private String hash(int chunk) throws IOException {
        Sha256 digest = new Sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long end = start(chunk) + length(chunk);
        long position = start(chunk);
        while (position < end) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
            int read = file.read(buffer, position);
            if (read < 0) {
                return "";
            }
            digest.update(buffer.array(), read);
            position += read;
        }
        return digest.hex();
    }

    long sizeBytes() {
        return sizeBytes;
    }

    int chunks() {
        return Math.toIntExact(Math.ceilDiv(sizeBytes, chunkBytes));
    }

    long start(int chunk) {
        return chunk * chunkBytes;
    }

    long length(int chunk) {
        return Math.min(chunkBytes, sizeBytes - start(chunk));
    }

    synchronized boolean isDone(int chunk) {
        return done.get(chunk);
    }

    synchronized long doneBytes() {
        return done.stream().mapToLong(this::length).sum();
    }

    /** Puts bytes where they belong. */
    void write(long position, byte[] bytes, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, count);
        long at = position;
        while (buffer.hasRemaining()) {
            at += file.write(buffer, at);
        }
    }

    /** The whole chunk has been written. */
    void finish(int chunk, String sha256) throws IOException {
        file.force(false);
        synchronized (this) {
            append(chunk + " " + sha256);
            done.set(chunk);
        }
    }

    private void append(String line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            lines.write(bytes);
        }
        lines.force(false);
    }

    /** sha256 of all that is there, read from the disk. */
    String sha256(Progress progress, String name) throws IOException {
        Sha256 digest = new Sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long position = 0;
        while (position < sizeBytes) {
            buffer.clear();
            int read = file.read(buffer, position);
            if (read < 0) {
                throw new IOException(data + " is shorter than what was written to it");
            }
            digest.update(buffer.array(), read);
            position += read;
            progress.reached("checking " + name, position, sizeBytes);
        }
        return digest.hex();
    }

    /** It is complete: gives it its name. */
    void moveTo(Path target) throws IOException {
        close();
        Files.move(data, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(journal);
    }

    /** It is gone on with another time: gives back what lies after the last chunk that is there, and leaves nothing when none is. */
    void keepDone() throws IOException {
        int last;
        synchronized (this) {
            last = done.length();
        }
        if (last == 0 || !Files.exists(data)) {
            discard();
            return;
        }
        // An interrupted thread has closed the channel that it wrote to.
        try (FileChannel again = FileChannel.open(data, StandardOpenOption.WRITE)) {
            if (again.size() > start(last)) {
                again.truncate(start(last));
            }
        }
    }

    /** It is good for nothing: leaves nothing behind. */
    void discard() throws IOException {
        close();
        Files.deleteIfExists(journal);
        Files.deleteIfExists(data);
    }

    @Override
    public void close() throws IOException {
        file.close();
        lines.close();
    }
}
