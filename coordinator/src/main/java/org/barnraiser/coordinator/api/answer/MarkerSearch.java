package org.barnraiser.coordinator.api.answer;

import java.util.List;

/** Finds markers in text that comes character by character; what may still become one is held back. */
public final class MarkerSearch {
    private final StringBuilder held = new StringBuilder();

    /** What comes of the search. */
    public interface Listener {

        /** One of the markers; the search goes on with other markers, perhaps. */
        void marker(String marker);

        /** A character that belongs to none. */
        void plain(char c);
    }

    /**
     * Takes the next character. After a plain one, the rest of what was held is searched again for what is looked for then.
     *
     * @param markers those to look for now
     * @return what is to be taken again, as the text may mean something else since
     */
    public String take(char c, List<String> markers, Listener listener) {
        held.append(c);
        String text = held.toString();
        if (markers.contains(text)) {
            held.setLength(0);
            listener.marker(text);
            return "";
        }
        if (markers.stream().anyMatch(marker -> marker.startsWith(text))) {
            return "";
        }
        held.setLength(0);
        listener.plain(text.charAt(0));
        return text.substring(1);
    }

    /** What is held back, which is no marker if nothing more comes; it is forgotten here. */
    public String rest() {
        String rest = held.toString();
        held.setLength(0);
        return rest;
    }
}
