package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Every text that people see is in the catalogues, in every language. */
class TextsTest {
    private static final Path PAGES = Path.of("src/main/resources/org/barnraiser/coordinator/web");
    private static final Pattern PLACE = Pattern.compile("\\{\\w+}");
    private static final Pattern KEY = Pattern.compile("\\bt\\('([\\w.]+)'|data-(?:text|label)=\"([\\w.]+)\"");
    /** A word between tags, where only a filled place may be. */
    private static final Pattern HARD_CODED = Pattern.compile(">[^<>{}$`=;()]*?\\b[A-Za-z]{3,}[^<>{}$`=;()]*</");
    private static final Pattern HARD_CODED_ATTRIBUTE = Pattern
            .compile("\\b(?:aria-label|title|placeholder|alt)=\"[A-Za-z][^\"$]*\"");

    private final Languages languages = new Languages();

    @Test
    void all_catalogues_have_the_same_keys_with_the_same_places() throws Exception {
        Map<String, Set<String>> english = placesByKey(Languages.STANDARD);
        for (String language : Languages.ALL) {
            assertThat(placesByKey(language)).as(language).isEqualTo(english);
        }
    }

    @Test
    void every_key_that_a_page_names_is_in_the_catalogues() throws Exception {
        for (Path file : sources()) {
            Matcher key = KEY.matcher(Files.readString(file));
            while (key.find()) {
                String name = key.group(1) == null ? key.group(2) : key.group(1);
                assertThat(languages.text(Languages.STANDARD, name)).as(file + ": " + name).isNotBlank();
            }
        }
    }

    @Test
    void no_page_has_a_text_of_its_own() throws Exception {
        for (Path file : sources()) {
            String source = Files.readString(file);
            assertThat(HARD_CODED.matcher(source).results().map(found -> found.group())).as(file.toString()).isEmpty();
            assertThat(HARD_CODED_ATTRIBUTE.matcher(source).results().map(found -> found.group())).as(file.toString())
                    .isEmpty();
        }
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(PAGES)) {
            List<Path> sources = files.filter(file -> file.toString().matches(".*\\.(js|html)")).toList();
            assertThat(sources).hasSizeGreaterThan(10);
            return sources;
        }
    }

    private static Map<String, Set<String>> placesByKey(String language) throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        collect(Json.read(Resource.ownText("i18n/" + language + ".json").getBytes(StandardCharsets.UTF_8)), "", found);
        return found;
    }

    private static void collect(JsonNode node, String path, Map<String, Set<String>> found) {
        if (node.isTextual()) {
            assertThat(node.textValue()).as(path).isNotBlank();
            Set<String> places = new TreeSet<>();
            PLACE.matcher(node.textValue()).results().forEach(place -> places.add(place.group()));
            found.put(path, places);
        }
        node.properties().forEach(field -> collect(field.getValue(), path + "." + field.getKey(), found));
    }
}
