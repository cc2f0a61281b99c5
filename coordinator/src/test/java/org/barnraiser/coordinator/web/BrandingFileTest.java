package org.barnraiser.coordinator.web;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BrandingFileTest {
    @TempDir
    private Path folder;

    @Test
    void a_host_sets_name_welcome_colours_and_presets() throws Exception {
        Branding branding = parse("""
                                  {"name": "Riverside Library", "welcome": {"en": "Hello", "de": "Hallo"},
                                   "accent": {"light": "#005a66", "dark": "#7fd6e3"},
                                   "presets": [{"name": "Explain", "instructions": "Explain simply."}]}""");
        assertThat(branding.name()).isEqualTo("Riverside Library");
        assertThat(branding.welcome()).containsEntry("de", "Hallo");
        assertThat(branding.css()).contains("light-dark(#005a66, #7fd6e3)");
        assertThat(branding.toJson().toString())
                .contains(
                        "\"presets\":[{\"name\":{\"en\":\"Explain\"},\"instructions\":{\"en\":\"Explain simply.\"}}]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                            [1]                                                    | it must be a JSON object
                                            {"nmae": "x"}                                          | no setting 'nmae'
                                            {"name": ""}                                           | 'name' must be
                                            {"accent": {"light": "red", "dark": "#ffffff"}}        | 'accent.light' must be a colour
                                            {"accent": {"light": "#ffff00", "dark": "#ffffff"}}    | take a darker colour
                                            {"accent": {"light": "#000000", "dark": "#222222"}}    | take a lighter colour
                                            {"welcome": {"english": "Hello"}}                      | a code such as en is wanted
                                            {"presets": [{"name": "x"}]}                           | are both needed
                                            """)
    void a_bad_file_is_refused_with_what_is_wrong(String file, String sentence) {
        assertThatThrownBy(() -> parse(file)).isInstanceOf(InvalidBrandingException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void a_file_that_cannot_be_used_leaves_the_pages_as_they_are() throws Exception {
        assertThat(BrandingFile.read(folder)).isEqualTo(Branding.STANDARD);
        Files.writeString(folder.resolve(BrandingFile.NAME), "{\"name\": ");
        assertThat(BrandingFile.read(folder)).isEqualTo(Branding.STANDARD);
    }

    private static Branding parse(String json) throws Exception {
        return BrandingFile.parse(Json.read(json.getBytes(StandardCharsets.UTF_8)));
    }
}
