package org.barnraiser.coordinator.web;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * What a host may set about the pages. Texts are by language; a page takes its own language's, else the English one, else any.
 *
 * @param name what the service is called
 * @param welcome what an empty chat says; empty: the pages' own text
 * @param accent the colour of links and buttons; empty: the pages' own
 * @param presets ways to begin a chat; empty: the pages' own
 */
record Branding(String name, ImmutableMap<String, String> welcome, Optional<Accent> accent,
        ImmutableList<Preset> presets) {
    static final Branding STANDARD = new Branding("Barnraiser", ImmutableMap.of(), Optional.empty(),
            ImmutableList.of());

    /** Colours as {@code #rrggbb}, for each theme one that can be read on it. */
    record Accent(String light, String dark) {}

    /** A way to begin a chat: its name, and the instructions that it gives the model. */
    record Preset(ImmutableMap<String, String> name, ImmutableMap<String, String> instructions) {}

    /** A style sheet with the host's colours. */
    String css() {
        return accent.map(colours -> ":root { --accent: light-dark(" + colours.light() + ", " + colours.dark()
                + "); }\n").orElse("");
    }

    /** What {@code GET /api/branding} answers. */
    ObjectNode toJson() {
        ObjectNode json = Json.object().put("name", name);
        json.set("welcome", Json.tree(welcome));
        ArrayNode list = json.putArray("presets");
        presets.forEach(preset -> list.addObject().<ObjectNode>set("name", Json.tree(preset.name()))
                .set("instructions", Json.tree(preset.instructions())));
        return json;
    }
}
