package org.barnraiser.coordinator.web;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The frame around every page: {@code shell/shell.html} with its places filled in. A place is {@code {{name}}}; an empty element
 * with {@code data-text="key"} gets that text of the catalogue, which the page's own script can exchange for another language's.
 */
final class PageTemplate {
    private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern TEXT = Pattern.compile("data-text=\"([\\w.]+)\"([^>]*)>(?=</)");

    private final String template = Resource.ownText("shell/shell.html");
    private final Languages languages;
    private final Libraries libraries;
    private final Branding branding;
    private final OptionalInt kioskMinutes;

    PageTemplate(Languages languages, Libraries libraries, Branding branding, OptionalInt kioskMinutes) {
        this.languages = languages;
        this.libraries = libraries;
        this.branding = branding;
        this.kioskMinutes = kioskMinutes;
    }

    /** One page in one language. */
    StaticFile fill(Page page, String language) {
        String withTexts = replace(TEXT, template,
                found -> found.group() + escape(languages.text(language, found.group(1))));
        Map<String, String> places = Map.of("language", language,
                "title", escape(languages.text(language, page.titleKey()) + " · " + branding.name()),
                "name", escape(branding.name()),
                "importMap", libraries.importMap(),
                "module", page.module(),
                "style", page.style(),
                "page", page.name().toLowerCase(Locale.ROOT),
                "kiosk", kioskMinutes.isPresent() ? " data-kiosk=\"" + kioskMinutes.getAsInt() + "\"" : "",
                "languages", Languages.ALL.stream().map(PageTemplate::option).collect(Collectors.joining()));
        String html = replace(PLACE, withTexts, found -> places.getOrDefault(found.group(1), ""));
        return StaticFile.of("page.html", html.getBytes(StandardCharsets.UTF_8));
    }

    private static String option(String language) {
        Locale locale = Locale.forLanguageTag(language);
        return "<option value=\"" + language + "\" lang=\"" + language + "\">"
                + escape(locale.getDisplayLanguage(locale))
                + "</option>";
    }

    private static String replace(Pattern pattern, String text, Function<MatchResult, String> filling) {
        return pattern.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(filling.apply(found)));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
