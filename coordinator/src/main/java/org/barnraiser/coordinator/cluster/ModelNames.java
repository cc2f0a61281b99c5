package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ascii;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** The name that readers ask for a model by: lower-case letters, digits, dots and hyphens. */
final class ModelNames {
    private static final int MAX_LENGTH = 100;
    private static final Pattern OTHERS = Pattern.compile("[^a-z0-9.]+");
    private static final Pattern EDGES = Pattern.compile("^[-.]+|[-.]+$");

    private ModelNames() {}

    /** {@code general.name} in that alphabet; the file's name without {@code .gguf} when nothing of it is left. */
    static String of(String generalName, Path file) {
        String name = slug(generalName);
        return name.isEmpty() ? ofFile(file) : name;
    }

    /** A file's name in that alphabet. */
    static String ofFile(Path file) {
        String name = slug(String.valueOf(file.getFileName()).replaceFirst("(?i)\\.gguf$", ""));
        return name.isEmpty() ? "model" : name;
    }

    private static String slug(String text) {
        String lower = Ascii.toLowerCase(Ascii.truncate(text, MAX_LENGTH, ""));
        return EDGES.matcher(OTHERS.matcher(lower).replaceAll("-")).replaceAll("");
    }
}
