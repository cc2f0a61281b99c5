package org.barnraiser.worker.llama;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one llama.cpp, in the order in which they have to be opened: what a library needs comes before it, so that it is
 * found even without an RPATH.
 *
 * @param temporary the files are copies of ours, to be deleted
 */
record LibraryFiles(List<Path> files, boolean temporary) {
    /** Names of the libraries; an all-in-one build has only the last, or the one that comes along with de.kherud:llama. */
    private static final List<String> NEEDED_FIRST = List.of("ggml-base", "ggml");
    private static final List<String> MAIN = List.of("llama", "jllama");
    private static final Pattern BACKEND = Pattern.compile("(?:lib)?ggml-([a-z0-9]+)\\.(?:so|dylib|dll)");

    /** Finds the libraries of a folder by pattern: {@code libllama.so}, {@code libllama.so.0}, {@code libllama.cuda.v0.5.0.so}, … */
    static LibraryFiles in(Path directory) throws LibraryException {
        List<Path> present;
        try (Stream<Path> listing = Files.list(directory)) {
            present = listing.toList();
        } catch (IOException e) {
            throw new LibraryException("the library folder " + directory + " cannot be read: " + e.getMessage(), e);
        }
        Path main = MAIN.stream().flatMap(name -> named(name, present).stream()).findFirst()
                .orElseThrow(() -> new LibraryException("the folder " + directory + " holds no libllama ("
                        + System.mapLibraryName("llama") + "); name the folder that a llama.cpp build put it in"));
        Stream<Path> needed = NEEDED_FIRST.stream().flatMap(name -> named(name, present).stream());
        return new LibraryFiles(Stream.concat(needed, Stream.of(main)).toList(), false);
    }

    /** Whether {@link #in} would find something to open. */
    static boolean isIn(Path directory) {
        try (Stream<Path> listing = Files.list(directory)) {
            List<Path> present = listing.filter(file -> file.toString().contains(MAIN.getFirst())).toList();
            return MAIN.stream().anyMatch(name -> named(name, present).isPresent());
        } catch (IOException | UncheckedIOException _) {
            return false; // what cannot be read holds nothing that could be opened
        }
    }

    /** A private copy of the library inside de.kherud:llama for this operating system and processor. */
    static LibraryFiles bundled() throws LibraryException {
        String resource = bundledResource();
        try (InputStream content = LibraryFiles.class.getClassLoader().getResourceAsStream(resource)) {
            if (content == null) {
                throw new LibraryException(
                        "no llama.cpp comes along for this operating system and processor (" + resource
                                + "); give a folder with one with --llama-lib");
            }
            Path folder = Files.createTempDirectory("barnraiser-llama-");
            folder.toFile().deleteOnExit();
            Path file = folder.resolve(System.mapLibraryName("jllama"));
            Files.copy(content, file);
            file.toFile().deleteOnExit();
            return new LibraryFiles(List.of(file), true);
        } catch (IOException e) {
            throw new LibraryException("the llama.cpp that comes along cannot be unpacked: " + e.getMessage(), e);
        }
    }

    /** A library with one of ggml's backends, by the name that ggml gives it. */
    record Backend(String name, Path file) {}

    /**
     * Backends in the folder's {@code fallback}: npm's packages keep there what is for an older driver than the one of the same name
     * beside libllama.
     */
    static List<Backend> spareBackends(Path directory) throws LibraryException {
        Path folder = directory.resolve("fallback");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> listing = Files.list(folder)) {
            return listing.sorted().map(file -> BACKEND.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> new Backend(name.group(1), folder.resolve(name.group()))).toList();
        } catch (IOException e) {
            throw new LibraryException("the library folder " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The file that holds llama_*. */
    Path main() {
        return files.getLast();
    }

    /** Opens all files with plain dlopen; they stay open for the life of the process. */
    @SuppressWarnings("restricted")
    SymbolLookup open() throws LibraryException {
        SymbolLookup symbols = _ -> Optional.empty();
        for (Path file : files) {
            try {
                symbols = SymbolLookup.libraryLookup(file, Arena.global()).or(symbols);
            } catch (IllegalArgumentException e) {
                throw new LibraryException("the library " + file + " cannot be opened: " + e.getMessage(), e);
            }
        }
        if (temporary) {
            deleteOpened();
        }
        return symbols;
    }

    /** An opened library needs its name no more; Windows alone keeps it until the exit. */
    private void deleteOpened() throws LibraryException {
        if (System.getProperty("os.name").startsWith("Windows")) {
            return;
        }
        try {
            Files.delete(main());
            Files.delete(folder(main()));
        } catch (IOException e) {
            throw new LibraryException("the temporary copy " + main() + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file of ours lies in a folder");
    }

    private static Optional<Path> named(String name, List<Path> files) {
        Pattern pattern = Pattern
                .compile("(lib)?" + Pattern.quote(name)
                        + "(\\.[a-z]+)?(\\.v?[0-9][0-9.]*)?\\.(so|dylib|dll)(\\.[0-9][0-9.]*)?");
        return files.stream().filter(file -> pattern.matcher(file.getFileName().toString()).matches())
                .min(Comparator.comparingInt((Path file) -> file.getFileName().toString().length())
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static String bundledResource() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch");
        String folder = system.startsWith("mac") ? "Mac" : system.startsWith("windows") ? "Windows" : "Linux";
        String bits = processor.equals("amd64") ? "x86_64" : processor;
        return "de/kherud/llama/" + folder + "/" + bits + "/" + System.mapLibraryName("jllama");
    }
}
