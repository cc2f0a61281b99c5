package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.web.Branding.Accent;
import org.barnraiser.coordinator.web.Branding.Preset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads {@code branding.json} and believes nothing before it is checked. */
final class BrandingFile {
    static final String NAME = "branding.json";
    private static final Logger LOG = LoggerFactory.getLogger(BrandingFile.class);
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_NAME_CHARS = 60;
    private static final int MAX_TEXT_CHARS = 4_000;
    private static final int MAX_PRESETS = 24;
    private static final String LANGUAGE = "[a-z]{2,3}";

    private BrandingFile() {}

    /** What the host has set; the standard one, and a warning in the log, when the file is bad. */
    static Branding read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return Branding.STANDARD;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            check(bytes.length <= MAX_BYTES, "it is longer than " + MAX_BYTES + " bytes");
            return parse(Json.read(bytes));
        } catch (InvalidBrandingException e) {
            LOG.warn("{} is not used: {}.", file, e.getMessage());
        } catch (JsonProcessingException e) {
            LOG.warn("{} is not used: it is not valid JSON at line {}.", file,
                    e.getLocation() == null ? 1 : e.getLocation().getLineNr());
        } catch (IOException e) {
            LOG.warn("{} is not used: it cannot be read ({}).", file, e.toString());
        }
        return Branding.STANDARD;
    }

    static Branding parse(JsonNode file) throws InvalidBrandingException {
        checkFields(file, "", Set.of("name", "welcome", "accent", "presets"));
        return new Branding(name(file.path("name")), texts(file.path("welcome"), "welcome", MAX_TEXT_CHARS),
                accent(file.path("accent")), presets(file.path("presets")));
    }

    private static String name(JsonNode name) throws InvalidBrandingException {
        if (name.isMissingNode()) {
            return Branding.STANDARD.name();
        }
        check(name.isTextual() && !name.textValue().isBlank() && name.textValue().length() <= MAX_NAME_CHARS,
                "'name' must be a text of 1 to " + MAX_NAME_CHARS + " characters");
        return name.textValue().strip();
    }

    private static Optional<Accent> accent(JsonNode accent) throws InvalidBrandingException {
        if (accent.isMissingNode()) {
            return Optional.empty();
        }
        checkFields(accent, "accent.", Set.of("light", "dark"));
        return Optional.of(new Accent(colour(accent, "light", Contrast.LIGHT_PAPER),
                colour(accent, "dark", Contrast.DARK_PAPER)));
    }

    private static String colour(JsonNode accent, String theme, String paper) throws InvalidBrandingException {
        String colour = accent.path(theme).asText("");
        check(colour.matches("#[0-9a-fA-F]{6}"), "'accent." + theme + "' must be a colour such as #9a3c1a");
        check(Contrast.between(colour, paper) >= Contrast.READABLE, "'accent." + theme + "', " + colour
                + ", cannot be read well on the " + theme + " page; take a "
                + (theme.equals("light") ? "darker" : "lighter")
                + " colour");
        return colour;
    }

    private static ImmutableList<Preset> presets(JsonNode presets) throws InvalidBrandingException {
        check(presets.isMissingNode() || (presets.isArray() && presets.size() <= MAX_PRESETS),
                "'presets' must be a list of at most " + MAX_PRESETS);
        ImmutableList.Builder<Preset> read = ImmutableList.builder();
        for (int i = 0; i < presets.size(); i++) {
            String path = "presets[" + i + "].";
            checkFields(presets.path(i), path, Set.of("name", "instructions"));
            Preset preset = new Preset(texts(presets.path(i).path("name"), path + "name", MAX_NAME_CHARS),
                    texts(presets.path(i).path("instructions"), path + "instructions", MAX_TEXT_CHARS));
            check(!preset.name().isEmpty() && !preset.instructions().isEmpty(),
                    "'" + path + "name' and '" + path + "instructions' are both needed");
            read.add(preset);
        }
        return read.build();
    }

    /** A text is a string, or one string for each language. */
    private static ImmutableMap<String, String> texts(JsonNode node, String path, int maxChars)
            throws InvalidBrandingException {
        if (node.isMissingNode()) {
            return ImmutableMap.of();
        }
        if (node.isTextual()) {
            return ImmutableMap.of(Languages.STANDARD, text(node, path, maxChars));
        }
        check(node.isObject(), "'" + path + "' must be a text, or texts by language");
        ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            check(field.getKey().matches(LANGUAGE), "'" + path + "' has the language '" + field.getKey()
                    + "', where a code such as en is wanted");
            texts.put(field.getKey(), text(field.getValue(), path + "." + field.getKey(), maxChars));
        }
        return texts.buildOrThrow();
    }

    private static String text(JsonNode node, String path, int maxChars) throws InvalidBrandingException {
        check(node.isTextual() && !node.textValue().isBlank() && node.textValue().length() <= maxChars,
                "'" + path + "' must be a text of 1 to " + maxChars + " characters");
        return node.textValue();
    }

    private static void checkFields(JsonNode node, String path, Set<String> known) throws InvalidBrandingException {
        check(node.isObject(), path.isEmpty() ? "it must be a JSON object" : "'" + path + "' must be an object");
        for (Iterator<String> names = node.fieldNames(); names.hasNext();) {
            String name = names.next();
            check(known.contains(name), "there is no setting '" + path + name + "'");
        }
    }

    private static void check(boolean condition, String otherwise) throws InvalidBrandingException {
        if (!condition) {
            throw new InvalidBrandingException(otherwise);
        }
    }
}
