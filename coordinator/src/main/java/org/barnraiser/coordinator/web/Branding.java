package org.barnraiser.coordinator.web;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * What a host may set about the pages. Texts are by language; a page takes its own language's, else the English one, else any.
 *
 * @param name what the service is called
 * @param welcome what an empty chat says; may be empty, then the pages have a text of their own
 * @param accent the colour of links and buttons
 * @param presets ways to begin a chat; empty: the pages' own; absent list entries are never null
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
        return accent
                .map(colours -> ":root { --accent: light-dark(" + colours.light() + ", " + colours.dark() + "); }\n")
                .orElse("");
    }
}
