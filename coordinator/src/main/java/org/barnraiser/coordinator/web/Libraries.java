package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The libraries that pages may load, by an allow-list, and the import map that names them. */
final class Libraries {
    private static final String NPM = "org.webjars.npm";
    private static final List<Library> ALLOWED = List.of(
            new Library("lit-html", NPM, "lit-html", "lit-html.js"),
            lit("async-directive"),
            lit("directive"),
            lit("directive-helpers"),
            lit("directives/class-map"),
            lit("directives/guard"),
            lit("directives/if-defined"),
            lit("directives/live"),
            lit("directives/ref"),
            lit("directives/repeat"),
            lit("directives/unsafe-html"),
            new Library("marked", NPM, "marked", "lib/marked.esm.js"),
            new Library("dompurify", Library.MVNPM, "dompurify", "dist/purify.es.mjs"),
            // Classic scripts, loaded when they are needed: they are far smaller than these libraries' modules.
            new Library("highlight.js", "org.webjars", "highlightjs", "highlight.min.js"),
            new Library("chart.js", NPM, "chart.js", "dist/chart.umd.min.js"),
            new Library("katex", NPM, "katex", "dist/katex.min.js"));

    private final ImmutableMap<String, StaticFile> files;
    private final String importMap;

    Libraries() {
        ImmutableMap.Builder<String, StaticFile> loaded = ImmutableMap.builder();
        ObjectNode map = Json.object();
        ObjectNode imports = map.putObject("imports");
        for (Library library : ALLOWED) {
            loaded.put(library.path(), StaticFile.of(library.file(), library.content()));
            imports.put(library.name(), library.path());
        }
        files = loaded.buildOrThrow();
        importMap = map.toString();
    }

    private static Library lit(String name) {
        return new Library("lit-html/" + name + ".js", NPM, "lit-html", name + ".js");
    }

    /** The file at a path below {@code /lib/}; empty when pages do not use it. */
    Optional<StaticFile> file(String path) {
        return Optional.ofNullable(files.get(path));
    }

    /** The text of the import map that every page carries. */
    String importMap() {
        return importMap;
    }

    /** How a Content-Security-Policy allows exactly this import map to be written into a page. */
    String importMapHash() {
        byte[] hash = Hashing.sha256().hashString(importMap, StandardCharsets.UTF_8).asBytes();
        return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    }
}
