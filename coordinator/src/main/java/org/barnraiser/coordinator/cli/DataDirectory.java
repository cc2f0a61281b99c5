package org.barnraiser.coordinator.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The folder that one running Barnraiser owns: a lock in it keeps a second one out. */
final class DataDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Where data lie, absolute: as was said with --data, else {@code BARN_DATA}, else {@code ~/.barnraiser}. It may not exist yet. */
    static Path pathOf(@Nullable Path said) {
        return (said == null ? defaultPath() : said).toAbsolutePath().normalize();
    }

    private static Path defaultPath() {
        String variable = System.getenv("BARN_DATA");
        return variable == null || variable.isBlank()
                ? Path.of(System.getProperty("user.home"), ".barnraiser")
                : Path.of(variable);
    }

    static DataDirectory open(@Nullable Path chosen) throws CommandException {
        Path path = pathOf(chosen);
        FileChannel channel = null;
        try {
            Files.createDirectories(path);
            channel = FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                throw new CommandException("another Barnraiser is running with the data folder " + path
                        + "; stop it, or choose another folder with --data.");
            }
            return new DataDirectory(path, channel);
        } catch (IOException e) {
            throw new CommandException("cannot use " + path + " as data folder (" + e.getMessage()
                    + "); choose a folder that you can write to with --data.", e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    Path path() {
        return path;
    }

    /** A folder inside, made when it is not there. */
    Path folder(String name) throws CommandException {
        Path folder = path.resolve(name);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CommandException("cannot make the folder " + folder + " (" + e.getMessage() + ").", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // The lock goes with the process anyway.
        }
    }
}
