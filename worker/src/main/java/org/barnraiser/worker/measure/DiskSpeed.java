package org.barnraiser.worker.measure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How fast the disk of a folder writes and reads, measured with a file that is gone afterwards: at most 64 MB and half a second each way.
 *
 * @param readBytesPerSecond past the operating system's memory of files; 0 where that cannot be had
 * @param writeBytesPerSecond until it is on the disk
 */
record DiskSpeed(double readBytesPerSecond, double writeBytesPerSecond) {
    static final DiskSpeed UNKNOWN = new DiskSpeed(0, 0);

    private static final Logger LOG = LoggerFactory.getLogger(DiskSpeed.class);
    private static final int CHUNK_BYTES = 4 << 20;
    private static final int MOST_CHUNKS = 16;
    private static final long MOST_NANOS = 500_000_000;
    /** A disk with less than this has something better to do. */
    private static final long LEAST_FREE_BYTES = 1L << 30;

    /** Blocks for a second at most, unless the disk hangs. */
    static DiskSpeed measure(Path folder) {
        try {
            FileStore disk = Files.getFileStore(folder);
            if (disk.getUsableSpace() < LEAST_FREE_BYTES) {
                return UNKNOWN;
            }
            Path file = Files.createTempFile(folder, "disk", ".measured");
            try {
                int block = Math.toIntExact(disk.getBlockSize());
                ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES + block).alignedSlice(block)
                        .limit(CHUNK_BYTES);
                double write = write(file, chunk);
                return new DiskSpeed(read(file, chunk), write);
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException | ArithmeticException e) {
            LOG.info("The speed of the disk with {} could not be measured: {}", folder, e.getMessage());
            return UNKNOWN;
        }
    }

    private static double write(Path file, ByteBuffer chunk) throws IOException {
        long began = System.nanoTime();
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int number = 0; number < MOST_CHUNKS && System.nanoTime() - began < MOST_NANOS; number++) {
                // Disks that compress must not be taken for faster than they are.
                for (int at = 0; at < CHUNK_BYTES; at += Long.BYTES) {
                    chunk.putLong(at, (bytes + at) * 0x9E37_79B9_7F4A_7C15L);
                }
                chunk.rewind();
                while (chunk.hasRemaining()) {
                    bytes += channel.write(chunk);
                }
            }
            channel.force(true);
        }
        return rate(bytes, began);
    }

    private static double read(Path file, ByteBuffer chunk) throws IOException {
        Optional<OpenOption> direct = direct();
        if (direct.isEmpty()) {
            return 0;
        }
        long began = System.nanoTime();
        long bytes = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, direct.get())) {
            while (System.nanoTime() - began < MOST_NANOS) {
                chunk.rewind();
                int read = channel.read(chunk, bytes);
                if (read <= 0) {
                    break;
                }
                bytes += read;
            }
        } catch (IOException | UnsupportedOperationException _) {
            // This file system reads through the memory of files alone, which says nothing of the disk.
            return 0;
        }
        return rate(bytes, began);
    }

    /** Every JDK that is known has it, but none promises it. */
    private static Optional<OpenOption> direct() {
        try {
            return Arrays.stream(Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants())
                    .filter(option -> option.toString().equals("DIRECT")).map(OpenOption.class::cast).findFirst();
        } catch (ClassNotFoundException _) {
            return Optional.empty();
        }
    }

    private static double rate(long bytes, long beganNanos) {
        return bytes / (Math.max(1, System.nanoTime() - beganNanos) / 1e9);
    }
}
