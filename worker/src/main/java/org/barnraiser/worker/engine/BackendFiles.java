package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static java.util.stream.Collectors.toSet;

/** The GPU backends that lie beside a llama.cpp as libraries of their own; ggml passes silently over one that it cannot load. */
final class BackendFiles {
    private static final Pattern FILE = Pattern
            .compile("(?:lib)?ggml-(cuda|vulkan|hip|sycl|opencl|musa|cann|metal)\\.(?:so|dylib|dll)");
    /** Where the file is called otherwise than the backend. */
    private static final Map<String, String> NAMES = Map.of("hip", "rocm");

    private BackendFiles() {}

    /** Those in the folder that are not among the loaded. */
    static List<String> notLoaded(Path folder, List<String> loaded) {
        Set<String> present = loaded.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(toSet());
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> FILE.matcher(file.getFileName().toString())).filter(Matcher::matches)
                    .map(name -> name.group(1)).filter(name -> !present.contains(NAMES.getOrDefault(name, name)))
                    .sorted().toList();
        } catch (IOException _) {
            return List.of(); // gone since it was tried
        }
    }
}
