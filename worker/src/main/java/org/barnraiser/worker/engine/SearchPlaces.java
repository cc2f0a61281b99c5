package org.barnraiser.worker.engine;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Folders in which a llama.cpp may be, whether they exist or not. A folder name {@code *} stands for every folder there.
 *
 * @param data the data folder; what is installed in it is always searched
 * @param given with --llama-lib or BARN_LLAMA_LIB
 * @param listed instead of the usual places; nothing: the usual places
 */
record SearchPlaces(Path data, Optional<Path> given, Optional<List<Path>> listed, Path home, Path workingFolder,
        Optional<Path> homebrew) {
    /** Restricts the search, so that it finds the same on every machine: folders, or the word "none". */
    static final String VARIABLE = "BARN_ENGINE_PATH";
    static final String INSTALLED = "engines";

    private static final List<String> HOMEBREW = List.of("/opt/homebrew", "/home/linuxbrew/.linuxbrew", "/usr/local");
    private static final List<String> SYSTEM = List.of("/usr/lib/*", "/usr/lib64", "/usr/lib");
    private static final List<String> CONTAINER = List.of("/app", "/usr/local/lib", "/usr/local/lib64", "/llama.cpp");
    private static final List<String> GLOBAL_MODULES = List.of("/usr/lib/node_modules", "/usr/local/lib/node_modules",
            "/opt/homebrew/lib/node_modules");
    private static final List<String> USER_MODULES = List.of("node_modules", ".npm-global/lib/node_modules",
            ".nvm/versions/node/*/lib/node_modules");
    private static final String PACKAGES = "@node-llama-cpp/*/bins/*";

    static SearchPlaces of(Path data, Optional<Path> given, Map<String, String> environment) {
        return new SearchPlaces(data, given, Optional.ofNullable(environment.get(VARIABLE)).map(SearchPlaces::folders),
                Path.of(System.getProperty("user.home")), Path.of("").toAbsolutePath(),
                Optional.ofNullable(environment.get("HOMEBREW_PREFIX")).filter(prefix -> !prefix.isEmpty())
                        .map(Path::of));
    }

    private static List<Path> folders(String variable) {
        return variable.equals("none")
                ? List.of()
                : Stream.of(variable.split(Pattern.quote(File.pathSeparator))).filter(text -> !text.isBlank())
                        .map(Path::of).toList();
    }

    Path installed() {
        return data.resolve(INSTALLED);
    }

    /** Patterns in the order of preference. */
    List<EngineLocation> patterns() {
        List<EngineLocation> patterns = new ArrayList<>();
        given.ifPresent(folder -> patterns.add(EngineLocation.in(EngineSource.GIVEN, folder)));
        patterns.add(EngineLocation.in(EngineSource.INSTALLED, installed().resolve("*")));
        if (listed.isPresent()) {
            listed.get().forEach(folder -> patterns.add(EngineLocation.in(EngineSource.LISTED, folder)));
            return patterns;
        }
        Stream.concat(homebrew.stream(), HOMEBREW.stream().map(Path::of))
                .flatMap(prefix -> Stream.of(prefix.resolve("opt/llama.cpp/lib"),
                        prefix.resolve("Cellar/llama.cpp/*/lib")))
                .forEach(folder -> patterns.add(EngineLocation.in(EngineSource.HOMEBREW, folder)));
        add(patterns, EngineSource.DISTRIBUTION, SYSTEM.stream().map(Path::of));
        add(patterns, EngineSource.DISTRIBUTION, LoaderFolders.read(LoaderFolders.CONFIGURATION));
        add(patterns, EngineSource.CONTAINER, CONTAINER.stream().map(Path::of));
        modules().forEach(modules -> add(patterns, EngineSource.NPM, Stream.of(modules.resolve(PACKAGES),
                modules.resolve("node-llama-cpp/node_modules").resolve(PACKAGES))));
        return patterns;
    }

    /** npm's own rule, from the working folder upwards, and where packages go that are there for all. */
    private Stream<Path> modules() {
        Stream<Path> near = Stream.iterate(workingFolder, folder -> folder != null, Path::getParent)
                .map(folder -> folder.resolve("node_modules"));
        return Stream.of(near, USER_MODULES.stream().map(home::resolve), GLOBAL_MODULES.stream().map(Path::of))
                .flatMap(places -> places);
    }

    private static void add(List<EngineLocation> patterns, EngineSource source, Stream<Path> folders) {
        folders.forEach(folder -> patterns.add(EngineLocation.in(source, folder)));
    }
}
