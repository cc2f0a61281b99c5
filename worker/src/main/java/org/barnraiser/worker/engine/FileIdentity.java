package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tells whether a llama.cpp and the drivers that it would find are still those that were tried. */
final class FileIdentity {
    private static final Pattern LIBRARY = Pattern.compile("(lib)?(j?llama|ggml).*");
    /** Where drivers of GPUs show on Linux. */
    private static final List<Path> DRIVERS = List.of(Path.of("/dev"), Path.of("/dev/dri"));
    private static final Pattern DEVICE = Pattern.compile("nvidia.*|kfd|renderD.*|dxg");
    private static final Path NVIDIA = Path.of("/proc/driver/nvidia/version");

    private FileIdentity() {}

    /** Equal for as long as the folder's libraries (name, size, time) and this machine's drivers are. */
    static String of(EngineLocation location) throws IOException {
        var text = new StringBuilder(System.getProperty("java.version")).append(System.getProperty("os.arch"));
        if (location.folder().isPresent()) {
            Path folder = location.folder().get().toRealPath();
            text.append(folder);
            list(folder, LIBRARY, text);
            list(folder.resolve("fallback"), LIBRARY, text);
        } else {
            text.append(System.getProperty("java.class.path"));
        }
        for (Path drivers : DRIVERS) {
            list(drivers, DEVICE, text);
        }
        if (Files.isReadable(NVIDIA)) {
            text.append(Files.readString(NVIDIA));
        }
        return hash(text.toString());
    }

    static String hash(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void list(Path folder, Pattern names, StringBuilder text) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> listing = Files.list(folder)) {
            files = listing.filter(file -> names.matcher(file.getFileName().toString()).matches()).sorted().toList();
        }
        for (Path file : files) {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            text.append('\n').append(file.getFileName());
            if (attributes.isRegularFile()) {
                text.append(' ').append(attributes.size()).append(' ').append(attributes.lastModifiedTime());
            }
        }
    }
}
