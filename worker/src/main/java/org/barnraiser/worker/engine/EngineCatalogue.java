package org.barnraiser.worker.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The packages that an engine is installed from, for each kind of machine; {@code packages.txt} lists them. */
final class EngineCatalogue {
    private static final String RESOURCE = "packages.txt";
    private static final int COLUMNS = 6;

    private final String platform;
    /** By what is asked for: cpu, vulkan, cuda, … */
    private final Map<String, List<EnginePackage>> packages;

    EngineCatalogue(String platform, Map<String, List<EnginePackage>> packages) {
        this.platform = platform;
        this.packages = new LinkedHashMap<>(packages);
    }

    /** For this machine. */
    static EngineCatalogue here() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch");
        return read((system.startsWith("mac") ? "mac" : system.startsWith("windows") ? "win" : "linux") + "-"
                + switch (processor) {
                    case "amd64", "x86_64" -> "x64";
                    case "aarch64" -> "arm64";
                    default -> processor;
                });
    }

    static EngineCatalogue read(String platform) {
        Map<String, List<EnginePackage>> packages = new LinkedHashMap<>();
        try (InputStream resource = Objects.requireNonNull(EngineCatalogue.class.getResourceAsStream(RESOURCE))) {
            String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).map(line -> line.split("\\s+"))
                    .forEach(columns -> {
                        if (columns.length != COLUMNS) {
                            throw new IllegalStateException(RESOURCE + ": " + String.join(" ", columns));
                        }
                        if (columns[0].equals(platform)) {
                            packages.computeIfAbsent(columns[1], _ -> new ArrayList<>()).add(new EnginePackage(
                                    columns[2], columns[3], columns[4], Integer.parseInt(columns[5])));
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new EngineCatalogue(platform, packages);
    }

    /** One or more, to be unpacked over each other. */
    List<EnginePackage> packages(String kind) throws EngineException {
        List<EnginePackage> wanted = packages.get(kind);
        if (wanted == null) {
            throw new EngineException(packages.isEmpty()
                    ? "There is no prebuilt llama.cpp for " + platform
                            + "; build one and name its folder with --llama-lib."
                    : "There is no prebuilt llama.cpp of the kind '" + kind + "' for " + platform
                            + "; there is: " + String.join(", ", packages.keySet()) + ".");
        }
        return wanted;
    }
}
