package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The languages of the pages; each has one catalogue that holds every text. */
final class Languages {
    static final String STANDARD = "en";
    static final List<String> ALL = List.of(STANDARD, "de");
    private static final int MAX_HEADER_CHARS = 500;

    private final ImmutableMap<String, JsonNode> catalogues;

    Languages() {
        ImmutableMap.Builder<String, JsonNode> read = ImmutableMap.builder();
        for (String language : ALL) {
            read.put(language, catalogue(language));
        }
        catalogues = read.buildOrThrow();
    }

    /** The language that suits a request's {@code Accept-Language} best. */
    String choose(@Nullable String acceptLanguage) {
        if (acceptLanguage == null || acceptLanguage.length() > MAX_HEADER_CHARS) {
            return STANDARD;
        }
        try {
            return Optional.ofNullable(Locale.lookupTag(Locale.LanguageRange.parse(acceptLanguage), ALL))
                    .orElse(STANDARD);
        } catch (IllegalArgumentException _) {
            // A header that is no list of languages says nothing about the reader's.
            return STANDARD;
        }
    }

    /**
     * A text.
     *
     * @param key names of nested objects, joined by dots, such as {@code nav.chat}
     */
    String text(String language, String key) {
        JsonNode node = catalogues.getOrDefault(language, Json.object());
        for (String name : key.split("\\.", -1)) {
            node = node.path(name);
        }
        if (!node.isTextual()) {
            throw new IllegalStateException("the catalogue " + language + " has no text " + key);
        }
        return node.textValue();
    }

    private static JsonNode catalogue(String language) {
        String file = "i18n/" + language + ".json";
        try {
            return Json.read(Resource.ownText(file).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("the catalogue " + file + " is no JSON", e);
        }
    }
}
