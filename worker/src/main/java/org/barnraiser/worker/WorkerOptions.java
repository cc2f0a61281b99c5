package org.barnraiser.worker;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.barnraiser.worker.engine.EngineChoice;
import org.barnraiser.worker.llama.CacheType;

/** Reads and completes options; what is wrong with one is said in a sentence, as an {@link IllegalArgumentException}. */
final class WorkerOptions {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})([KMGT])(?:i?B)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smh])?");
    private static final Path AVAILABLE_MEMORY = Path.of("/proc/meminfo");
    private static final double MEMORY_SHARE = 0.8;
    private static final double DISK_SHARE = 0.9;
    private static final int MAX_PORT = 65_535;

    /** A number of bytes such as 512M, 8G or 1.5T without the fraction; units are powers of 1024. */
    long size(String option, String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    option + " " + text + " is no size: write a number and a unit, such as 8G.");
        }
        int power = "KMGT".indexOf(matcher.group(2).toUpperCase(Locale.ROOT)) + 1;
        long bytes = Long.parseLong(matcher.group(1)) << (10 * power);
        if (bytes == 0) {
            throw new IllegalArgumentException(option + " is 0; lend at least a little.");
        }
        return bytes;
    }

    /** A length of time such as 30s, 2m or 1h; a number alone counts seconds. */
    Duration duration(String option, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    option + " " + text + " is no length of time: write a number and a unit, such as 30s or 2m.");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (String.valueOf(matcher.group(2))) {
            case "h" -> Duration.ofHours(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofSeconds(number);
        };
    }

    ZoneId timeZone(Optional<String> given) {
        try {
            return given.map(ZoneId::of).orElseGet(ZoneId::systemDefault);
        } catch (DateTimeException _) {
            throw new IllegalArgumentException(
                    "--time-zone " + given.orElse("") + " is not known: write one such as Europe/Berlin.");
        }
    }

    InetSocketAddress address(String option, String text, int minPort) {
        int colon = text.lastIndexOf(':');
        int port = colon < 0 ? -1 : port(text.substring(colon + 1));
        String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
        if (host.isEmpty() || port < minPort) {
            throw new IllegalArgumentException(option + " " + text + " is no address: write HOST:PORT.");
        }
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(option + " " + text + " names a host that is not known here.");
        }
        return address;
    }

    /** Checked for its form only: it need not be reachable from here. */
    String advertised(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1 || port(text.substring(colon + 1)) < 1) {
            throw new IllegalArgumentException("--advertise " + text + " is no address: write HOST:PORT.");
        }
        return text;
    }

    String zooKeeper(String text) {
        for (String server : text.split(",", -1)) {
            int colon = server.lastIndexOf(':');
            if (colon < 1 || port(server.substring(colon + 1)) < 1) {
                throw new IllegalArgumentException(
                        "--zookeeper " + text
                                + " is no list of addresses: write HOST:PORT, several separated by commas.");
            }
        }
        return text;
    }

    int atLeast(String option, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(option + " is " + value + "; it must be at least " + min + ".");
        }
        return value;
    }

    Path libraryFolder(Path folder) {
        if (!Files.isDirectory(folder) && !folder.equals(Path.of(EngineChoice.BUNDLED))) {
            throw new IllegalArgumentException(
                    "--llama-lib " + folder + " is no folder: give the one that holds libllama.");
        }
        return folder;
    }

    /** Nothing for "auto". */
    OptionalInt gpuLayers(String text) {
        if (text.equals("auto")) {
            return OptionalInt.empty();
        }
        if (!text.matches("\\d{1,4}")) {
            throw new IllegalArgumentException(
                    "--gpu-layers " + text + " is no number of layers: write one up to 9999, or auto.");
        }
        return OptionalInt.of(Integer.parseInt(text));
    }

    CacheType cacheType(String text) {
        return Stream.of(CacheType.values()).filter(type -> type.toString().equals(text)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--cache-type " + text + " is not known: write f16 or q8_0."));
    }

    int defaultThreads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    }

    long defaultMemoryBytes() {
        return Math.max(1, (long) (availableMemoryBytes() * MEMORY_SHARE));
    }

    long defaultDiskBytes(Path folder) throws IOException {
        return (long) (Files.getFileStore(folder).getUsableSpace() * DISK_SHARE);
    }

    /** On Linux what can be had without swapping; elsewhere what is free. */
    private static long availableMemoryBytes() {
        try {
            for (String line : Files.readAllLines(AVAILABLE_MEMORY)) {
                if (line.startsWith("MemAvailable:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << 10;
                }
            }
        } catch (IOException | NumberFormatException _) {
            // Not Linux.
        }
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return system.getFreeMemorySize();
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port <= MAX_PORT ? port : -1;
        } catch (NumberFormatException _) {
            return -1;
        }
    }
}
