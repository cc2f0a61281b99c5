package org.barnraiser.worker.engine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.worker.llama.LlamaLibrary;

/** Looks for llama.cpp builds by the names of their files; opens nothing. */
final class EngineSearch {
    private static final String ANY = "*";

    private final SearchPlaces places;

    EngineSearch(SearchPlaces places) {
        this.places = places;
    }

    /** Each build once, in the order of preference, the one that comes along last. */
    List<EngineLocation> find() {
        Map<Path, EngineLocation> found = new LinkedHashMap<>();
        for (EngineLocation pattern : places.patterns()) {
            List<Path> folders = pattern.folder().map(EngineSearch::expand).orElse(List.of());
            for (Path folder : folders) {
                boolean given = pattern.source() == EngineSource.GIVEN;
                if (given || LlamaLibrary.isIn(folder)) {
                    found.putIfAbsent(real(folder), EngineLocation.in(pattern.source(), folder));
                }
            }
        }
        List<EngineLocation> engines = new ArrayList<>(found.values());
        engines.add(EngineLocation.BUNDLED);
        return engines;
    }

    /** The folders that a pattern stands for; those whose names begin with a dot are not meant. */
    private static List<Path> expand(Path pattern) {
        List<Path> folders = List.of(Optional.ofNullable(pattern.getRoot()).orElse(Path.of("")));
        for (Path name : pattern) {
            List<Path> next = new ArrayList<>();
            for (Path folder : folders) {
                if (name.toString().equals(ANY)) {
                    next.addAll(children(folder));
                } else {
                    next.add(folder.resolve(name));
                }
            }
            folders = next;
        }
        return folders;
    }

    private static List<Path> children(Path folder) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> listing = Files.newDirectoryStream(folder, child -> Files.isDirectory(child)
                && !child.getFileName().toString().startsWith("."))) {
            listing.forEach(children::add);
        } catch (IOException _) {
            return List.of(); // not there, or not for us to read
        }
        children.sort(null);
        return children;
    }

    private static Path real(Path folder) {
        try {
            return folder.toRealPath();
        } catch (IOException _) {
            return folder; // not there, which its trial will tell
        }
    }
}
