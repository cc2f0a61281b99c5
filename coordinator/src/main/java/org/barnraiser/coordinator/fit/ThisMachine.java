package org.barnraiser.coordinator.fit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the machine this runs on could lend. Graphics cards are not seen from here. */
public final class ThisMachine {
    private static final Path AVAILABLE_MEMORY = Path.of("/proc/meminfo");
    /** As a worker that is told nothing. */
    private static final double MEMORY_SHARE = 0.8;
    /** More than fits into a processor's own memory. */
    private static final int MEASURED_LONGS = 12 << 20;
    private static final int ROUNDS = 3;

    private ThisMachine() {}

    /** Looks and measures; blocks for a moment. */
    public static Machine measured() throws InterruptedException {
        return new Machine("this machine", Math.max(1, (long) (availableBytes() * MEMORY_SHARE)),
                Optional.of(Machine.Pace.onPaper(bytesPerSecond(), OptionalDouble.empty())), Optional.empty(), true);
    }

    private static long availableBytes() {
        try {
            for (String line : Files.readAllLines(AVAILABLE_MEMORY)) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException _) {
            // Not Linux.
        }
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getFreeMemorySize();
    }

    /** How fast all processors together read memory; the best of a few rounds. */
    private static double bytesPerSecond() throws InterruptedException {
        int threads = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
        long[] memory = new long[MEASURED_LONGS];
        long best = Long.MAX_VALUE;
        try (ExecutorService readers = Executors.newFixedThreadPool(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                long began = System.nanoTime();
                List<Callable<Long>> parts = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    int from = (int) ((long) memory.length * thread / threads);
                    int to = (int) ((long) memory.length * (thread + 1) / threads);
                    parts.add(() -> sum(memory, from, to));
                }
                long sum = 0;
                for (Future<Long> part : readers.invokeAll(parts)) {
                    sum += part.get();
                }
                if (sum == 0) {
                    best = Math.min(best, System.nanoTime() - began);
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("memory could not be read", e);
        }
        return 8.0 * MEASURED_LONGS / best * 1e9;
    }

    private static long sum(long[] memory, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += memory[i];
        }
        return sum;
    }
}
