package org.barnraiser.worker.node;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.barnraiser.proto.MachineBeat;
import org.jspecify.annotations.Nullable;

/** Looks every few seconds at memory and disk, on a thread of its own, since a disk that hangs must not stop the signs of life. */
final class MachineWatch implements AutoCloseable {
    private static final int INTERVAL_SECONDS = 5;
    private static final Path PROCESS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private final Path dataFolder;
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("machine").factory());
    private volatile @Nullable MachineBeat latest;

    private MachineWatch(Path dataFolder) {
        this.dataFolder = dataFolder;
    }

    /** @param dataFolder on the disk to look at */
    static MachineWatch start(Path dataFolder) {
        MachineWatch watch = new MachineWatch(dataFolder);
        var _ = watch.timer.scheduleWithFixedDelay(watch::look, 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
        return watch;
    }

    /** What was seen last; empty before the first look. From any thread; never blocks. */
    Optional<MachineBeat> latest() {
        return Optional.ofNullable(latest);
    }

    private void look() {
        MachineBeat.Builder machine = MachineBeat.newBuilder().setResidentMemoryBytes(residentBytes());
        try {
            FileStore disk = Files.getFileStore(dataFolder);
            machine.setDiskFreeBytes(disk.getUsableSpace()).setDiskSizeBytes(disk.getTotalSpace());
        } catch (IOException _) {
            // It stays unknown; who needs the disk says so.
        }
        latest = machine.build();
    }

    /** Linux tells; 0 elsewhere. */
    private static long residentBytes() {
        try {
            return Files.readAllLines(PROCESS).stream().filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst().orElse(0);
        } catch (IOException | NumberFormatException _) {
            return 0;
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
