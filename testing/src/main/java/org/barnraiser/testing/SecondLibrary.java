package org.barnraiser.testing;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A current build of llama.cpp with the second layout of its structs, from the npm package {@value #PACKAGE}. It is
 * downloaded once into {@code .cache} at the root of the repository; several processes may ask at the same time.
 */
public final class SecondLibrary {

    /** The package that carries llama.cpp v0.5.0. */
    static final String PACKAGE = "@node-llama-cpp/linux-x64@3.22.1";

    private static final String FOLDER = "llama-v0.5.0";
    private static final int DOWNLOAD_MINUTES = 5;

    private SecondLibrary() {}

    /** The folder with {@code libllama}; empty, with a reason on standard error, where the package cannot be used. */
    public static Optional<Path> find() {
        if (!System.getProperty("os.name", "").equals("Linux") || !System.getProperty("os.arch", "").equals("amd64")) {
            System.err.println("Skipped what needs a second llama.cpp: " + PACKAGE + " is for Linux on x86-64 only");
            return Optional.empty();
        }
        Path cache = SourceTree.root().resolve(".cache");
        Path folder = cache.resolve(FOLDER);
        if (!Files.isDirectory(folder) && !isOnPath("npm")) {
            System.err.println("Skipped what needs a second llama.cpp: npm, which downloads it, is not installed");
            return Optional.empty();
        }
        try {
            return Optional.of(download(cache, folder));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot get " + PACKAGE + " into " + folder, e);
        }
    }

    /** Threads of one process take turns by the monitor, processes by the lock on a file. */
    private static synchronized Path download(Path cache, Path folder) throws IOException {
        Files.createDirectories(cache);
        try (var channel = FileChannel.open(cache.resolve(FOLDER + ".lock"), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE); FileLock _ = channel.lock()) {
            if (!Files.isDirectory(folder)) {
                Path work = Files.createTempDirectory(cache, "download");
                run(work, "npm", "pack", "--silent", PACKAGE);
                run(work, "tar", "-xzf", work.relativize(onlyArchive(work)).toString());
                Files.move(work.resolve("package/bins/linux-x64"), folder, StandardCopyOption.ATOMIC_MOVE);
                deleteTree(work);
            }
        }
        return folder;
    }

    private static Path onlyArchive(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".tgz")).findFirst()
                    .orElseThrow(() -> new IOException("npm pack left no archive in " + folder));
        }
    }

    private static void run(Path folder, String... command) throws IOException {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("output.log").toFile()).start();
        try {
            if (!process.waitFor(DOWNLOAD_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(String.join(" ", command) + " took more than " + DOWNLOAD_MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(String.join(" ", command) + " was interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException("%s failed with %d: %s".formatted(String.join(" ", command), process.exitValue(),
                    Files.readString(folder.resolve("output.log")).strip()));
        }
    }

    private static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static boolean isOnPath(String program) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Splitter.on(':').splitToStream(path).map(folder -> Path.of(folder, program))
                .anyMatch(Files::isExecutable);
    }
}
