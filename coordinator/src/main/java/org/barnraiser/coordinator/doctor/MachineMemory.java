package org.barnraiser.coordinator.doctor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Memory as the kernel tells it.
 *
 * @param availableBytes that can be had without swapping
 * @param limitBytes of this process's container; empty when there is none
 */
record MachineMemory(long totalBytes, long availableBytes, OptionalLong limitBytes) {

    /** @param root of the file system, / but for tests */
    static MachineMemory read(Path root) {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        Path meminfo = root.resolve("proc/meminfo");
        long total = field(meminfo, "MemTotal:").orElse(system.getTotalMemorySize());
        return new MachineMemory(total, field(meminfo, "MemAvailable:").orElse(system.getFreeMemorySize()),
                limit(root, total));
    }

    private static OptionalLong field(Path meminfo, String name) {
        return lines(meminfo).filter(line -> line.startsWith(name)).map(line -> line.replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty()).mapToLong(digits -> Long.parseLong(digits) << 10).findFirst();
    }

    /** The smallest limit on the way from this process's control group up to the root, in either version of their files. */
    private static OptionalLong limit(Path root, long totalBytes) {
        Path groups = root.resolve("sys/fs/cgroup");
        return lines(root.resolve("proc/self/cgroup")).flatMap(line -> files(groups, line))
                .flatMap(MachineMemory::lines).filter(line -> line.matches("\\d{1,18}")).mapToLong(Long::parseLong)
                .filter(bytes -> bytes < totalBytes).min();
    }

    private static Stream<Path> files(Path groups, String line) {
        List<String> parts = List.of(line.split(":", 3));
        if (parts.size() < 3 || !(parts.get(1).isEmpty() || parts.get(1).contains("memory"))) {
            return Stream.empty();
        }
        Path top = parts.get(1).isEmpty() ? groups : groups.resolve("memory");
        String name = parts.get(1).isEmpty() ? "memory.max" : "memory.limit_in_bytes";
        Path own = top.resolve(parts.get(2).replaceFirst("^/+", "")).normalize();
        return Stream.iterate(own, folder -> folder != null && folder.startsWith(top), Path::getParent)
                .map(folder -> folder.resolve(name));
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException _) {
            return Stream.empty(); // not Linux, or not this version of control groups
        }
    }
}
