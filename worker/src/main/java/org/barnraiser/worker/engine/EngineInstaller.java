package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.barnraiser.worker.data.DataFolder;
import org.barnraiser.worker.llama.LlamaLibrary;

/**
 * Installs a prebuilt llama.cpp into the data folder: in a folder of its own beside the place, which becomes {@code engines/KIND-VERSION}
 * by one rename when everything is there and checked. What a crash leaves is removed by the next installation.
 */
final class EngineInstaller {
    private static final String STAGING = ".installing-";
    private static final long MAX_UNPACKED_BYTES = 2L << 30;

    private final Path engines;
    private final EngineCatalogue catalogue;
    private final Map<String, String> environment;
    private final Duration patience;

    /**
     * @param environment that npm is found and run in
     * @param patience for each package
     */
    EngineInstaller(Path data, EngineCatalogue catalogue, Map<String, String> environment, Duration patience) {
        engines = data.resolve(SearchPlaces.INSTALLED);
        this.catalogue = catalogue;
        this.environment = environment;
        this.patience = patience;
    }

    /**
     * The folder of the engine, which is there already or is fetched now. Blocks.
     *
     * @param kind such as cpu, vulkan or cuda
     * @param progress hears sentences for people
     */
    Path install(String kind, Consumer<String> progress) throws EngineException, InterruptedException {
        List<EnginePackage> packages = catalogue.packages(kind);
        Path target = engines.resolve(kind + "-" + packages.getFirst().version());
        if (Files.isDirectory(target)) {
            progress.accept("It is installed already.");
            return target;
        }
        NpmClient npm = NpmClient.find(environment, patience);
        try {
            Files.createDirectories(engines);
            requireDisk(packages);
            try (FileChannel lockFile = FileChannel.open(engines.resolve(".lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE); FileLock _ = lock(lockFile)) {
                removeLeftovers();
                fill(target, packages, npm, progress);
            }
            return target;
        } catch (IOException e) {
            throw new EngineException("The engine cannot be installed into " + engines + ": " + e.getMessage()
                    + "; nothing was left there.", e);
        }
    }

    private void fill(Path target, List<EnginePackage> packages, NpmClient npm, Consumer<String> progress)
            throws EngineException, IOException, InterruptedException {
        Path staging = Files.createTempDirectory(engines, STAGING);
        // Ctrl-C ends this program without any 'finally'.
        Thread cleaner = Thread.ofPlatform().unstarted(() -> {
            ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
            deleteQuietly(staging);
        });
        Runtime.getRuntime().addShutdownHook(cleaner);
        try {
            Path folder = Files.createDirectory(staging.resolve("engine"));
            for (EnginePackage wanted : packages) {
                progress.accept("Fetching " + wanted + " with npm …");
                Path work = Files.createTempDirectory(staging, "package-");
                new PackageArchive(MAX_UNPACKED_BYTES).unpack(npm.fetch(wanted, work), folder);
                DataFolder.delete(work);
            }
            if (!LlamaLibrary.isIn(folder)) {
                throw new EngineException("The packages hold no libllama, so nothing was installed.");
            }
            try {
                Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException e) {
                throw new IOException("the file system cannot rename a folder", e);
            }
        } finally {
            try {
                Runtime.getRuntime().removeShutdownHook(cleaner);
            } catch (IllegalStateException _) {
                // It is cleaning already.
            }
            DataFolder.delete(staging);
        }
    }

    private void requireDisk(List<EnginePackage> packages) throws EngineException, IOException {
        long needed = packages.stream().mapToLong(EnginePackage::diskMegabytes).sum() << 20;
        long free = Files.getFileStore(engines).getUsableSpace();
        if (free < needed) {
            throw new EngineException("Installing takes up to " + (needed >> 20) + " MB of disk, but only "
                    + (free >> 20) + " MB are free at " + engines
                    + "; make room, or name another data folder with --data.");
        }
    }

    private static FileLock lock(FileChannel file) throws EngineException, IOException {
        FileLock lock;
        try {
            lock = file.tryLock();
        } catch (OverlappingFileLockException _) {
            lock = null;
        }
        if (lock == null) {
            throw new EngineException(
                    "Another './barn engine install' is at work in this data folder; wait until it ends.");
        }
        return lock;
    }

    private void removeLeftovers() throws IOException {
        List<Path> left;
        try (Stream<Path> listing = Files.list(engines)) {
            left = listing.filter(path -> path.getFileName().toString().startsWith(STAGING)).toList();
        }
        for (Path folder : left) {
            DataFolder.delete(folder);
        }
    }

    private static void deleteQuietly(Path folder) {
        try {
            DataFolder.delete(folder);
        } catch (IOException e) {
            System.err.println("barn engine: " + folder + " cannot be removed: " + e.getMessage());
        }
    }
}
