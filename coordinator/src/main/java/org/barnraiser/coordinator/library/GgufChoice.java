package org.barnraiser.coordinator.library;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.util.stream.Collectors.joining;

/** Chooses, among the files of a repository, those that make up the model that is wanted. */
final class GgufChoice {
    private static final String ENDING = ".gguf";
    private static final Pattern PART = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.CASE_INSENSITIVE);
    /** Files that go with a model and are none. */
    private static final Pattern COMPANION = Pattern.compile("(?i).*(mmproj|imatrix).*");
    /** What most people take: a good answer for its size. */
    private static final String USUAL = "Q4_K_M";
    private static final int MAX_NAMED = 12;

    /** By the name of the whole: its files, in order. */
    private final Map<String, List<String>> models = new TreeMap<>();
    private final String repository;

    GgufChoice(String repository, List<String> paths) {
        this.repository = repository;
        for (String path : paths.stream().sorted().toList()) {
            if (path.toLowerCase(Locale.ROOT).endsWith(ENDING) && !COMPANION.matcher(path).matches()) {
                models.computeIfAbsent(whole(path), _ -> new ArrayList<>()).add(path);
            }
        }
    }

    private static String whole(String path) {
        Matcher part = PART.matcher(path);
        return part.matches() ? part.group(1) : path.substring(0, path.length() - ENDING.length());
    }

    /**
     * The files to fetch, in order.
     *
     * @param wanted a path, or a quantisation
     */
    List<String> choose(Optional<String> wanted) throws LibraryException {
        if (models.isEmpty()) {
            throw new LibraryException(repository
                    + " holds no GGUF file; look for a repository of the same model whose name ends in -GGUF.");
        }
        String choice = wanted.isPresent() ? named(wanted.get()) : usual();
        List<String> files = models.getOrDefault(choice, List.of());
        Matcher part = PART.matcher(files.getFirst());
        if (part.matches() && Integer.parseInt(part.group(3)) != files.size()) {
            throw new LibraryException(repository + " has " + files.size() + " of the " + part.group(3) + " parts of "
                    + choice + "; choose another repository.");
        }
        return files;
    }

    private String named(String wanted) throws LibraryException {
        String name = wanted.toLowerCase(Locale.ROOT);
        if (name.endsWith(ENDING)) {
            return models.entrySet().stream()
                    .filter(model -> model.getValue().stream().anyMatch(path -> path.equalsIgnoreCase(wanted)))
                    .map(Map.Entry::getKey).findFirst().orElseThrow(() -> none(wanted));
        }
        Pattern quantisation = Pattern.compile("(?i)(^|.*[./_-])" + Pattern.quote(wanted) + "($|[./_-].*)");
        List<String> found = models.keySet().stream().filter(model -> quantisation.matcher(model).matches()).toList();
        if (found.isEmpty()) {
            throw none(wanted);
        }
        // "Q4_K" is a part of "Q4_K_M" too: an ending that is equal is what was meant.
        List<String> exact = found.stream().filter(model -> model.toLowerCase(Locale.ROOT).endsWith(name)).toList();
        if (exact.size() == 1) {
            return exact.getFirst();
        }
        if (found.size() > 1) {
            throw new LibraryException("\"" + wanted + "\" fits " + found.size() + " models of " + repository + ": "
                    + names(found) + ". Name one of them with its file.");
        }
        return found.getFirst();
    }

    private String usual() throws LibraryException {
        if (models.size() == 1) {
            return models.keySet().iterator().next();
        }
        List<String> usual = models.keySet().stream()
                .filter(model -> model.toUpperCase(Locale.ROOT).endsWith(USUAL)).toList();
        if (usual.size() != 1) {
            throw new LibraryException(repository + " holds several models: " + names(List.copyOf(models.keySet()))
                    + ". Name one: hf:" + repository + "/QUANTISATION.");
        }
        return usual.getFirst();
    }

    private LibraryException none(String wanted) {
        return new LibraryException(repository + " has no \"" + wanted + "\"; it has "
                + names(List.copyOf(models.keySet())) + ".");
    }

    private static String names(List<String> models) {
        String named = models.stream().limit(MAX_NAMED).collect(joining(", "));
        return models.size() > MAX_NAMED ? named + " and " + (models.size() - MAX_NAMED) + " more" : named;
    }
}
