package org.barnraiser.worker.lend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this machine runs on, as Linux tells it file by file. Where nothing is told, it runs on the mains.
 *
 * @param folder with one folder for each battery and each plug
 */
public record PowerSupply(Path folder) {
    /** Of the machine that this is. */
    public static final PowerSupply HERE = new PowerSupply(Path.of("/sys/class/power_supply"));

    /** Whether a battery of the machine's own is being used up, and no plug gives power. Reads a few small files. */
    public boolean isBattery() {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> supplies = Files.list(folder)) {
            List<Path> all = supplies.toList();
            return all.stream().anyMatch(PowerSupply::isUsedUp) && all.stream().noneMatch(PowerSupply::gives);
        } catch (IOException | UncheckedIOException | DirectoryIteratorException _) {
            return false; // nothing is told
        }
    }

    /** Mice and keyboards have batteries, too, which say that they are a device's. */
    private static boolean isUsedUp(Path supply) {
        return says(supply, "type", "Battery") && says(supply, "status", "Discharging")
                && !says(supply, "scope", "Device");
    }

    private static boolean gives(Path supply) {
        return !says(supply, "type", "Battery") && says(supply, "online", "1");
    }

    private static boolean says(Path supply, String file, String value) {
        try {
            return Files.readString(supply.resolve(file)).strip().equalsIgnoreCase(value);
        } catch (IOException _) {
            return false; // it says nothing of that, or was just unplugged
        }
    }
}
