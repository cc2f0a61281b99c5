package org.barnraiser.coordinator.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The worker processes that {@code barn up} runs on this machine. */
final class LocalWorkers implements AutoCloseable {
    /** Of all memory, for all workers together; the rest is for everything else on the machine. */
    private static final double MEMORY_SHARE = 0.7;

    private final List<WorkerProcess> processes;

    private LocalWorkers(List<WorkerProcess> processes) {
        this.processes = processes;
    }

    /**
     * What every worker is told.
     *
     * @param count workers
     * @param threads llama.cpp threads of each; 0 shares the processors out evenly
     * @param engine further options, of what they compute with
     */
    record Settings(int count, int threads, List<String> engine) {}

    static LocalWorkers start(Settings settings, String zooKeeper, Path data, Path logs) throws CommandException {
        List<WorkerProcess> processes = new ArrayList<>();
        for (int number = 1; number <= settings.count(); number++) {
            String name = "worker-" + number;
            processes.add(new WorkerProcess(name, command(settings, zooKeeper, name, data), logs.resolve(name + ".log"),
                    WorkerProcess.BackOff.DEFAULT));
        }
        processes.forEach(WorkerProcess::start);
        return new LocalWorkers(processes);
    }

    private static List<String> command(Settings settings, String zooKeeper, String name, Path data)
            throws CommandException {
        String classpath = System.getProperty("barn.worker.classpath", "");
        if (classpath.isEmpty()) {
            throw new CommandException("the workers' programs are not known; start Barnraiser with the 'barn' script.");
        }
        String java = System.getProperty("barn.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString());
        List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED",
                "-XX:-CreateCoredumpOnCrash", "-XX:+ExitOnOutOfMemoryError", "-XX:+UseSerialGC", "-Xmx512m",
                "-XX:ErrorFile=/dev/null", "-cp", classpath, "org.barnraiser.worker.WorkerMain"));
        command.addAll(List.of("--zookeeper", zooKeeper, "--listen", "127.0.0.1:0", "--name", name, "--data",
                data.toString(), "--memory", memoryBytes() / settings.count() / (1 << 20) + "M", "--threads",
                Integer.toString(threads(settings)), "--exit-with-parent", "--drain-timeout", "0",
                // It is the coordinator's own machine, which sees all text anyway.
                "--label", "trusted=yes"));
        command.addAll(settings.engine());
        return command;
    }

    private static long memoryBytes() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return (long) (system.getTotalMemorySize() * MEMORY_SHARE);
    }

    private static int threads(Settings settings) {
        // llama.cpp's threads spin while they wait, so more of them than processors would slow each other down.
        return settings.threads() > 0
                ? settings.threads()
                : Math.max(1, Runtime.getRuntime().availableProcessors() / settings.count());
    }

    @Override
    public void close() {
        processes.forEach(WorkerProcess::requestStop);
        processes.forEach(WorkerProcess::close);
    }
}
