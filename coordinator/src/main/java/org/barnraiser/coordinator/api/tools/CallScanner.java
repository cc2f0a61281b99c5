package org.barnraiser.coordinator.api.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Set;

/** Reads one call, character by character: an object with a name and arguments, or the arguments alone. */
final class CallScanner {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ARGUMENTS = Set.of("arguments", "parameters");
    private static final Set<String> OTHERS = Set.of("name", "type", "id", "description");

    /** Hears what the call is made of. */
    interface Listener {
        void name(String name);

        void arguments(String fragment);
    }

    private enum Place {
        KEY, COLON, VALUE, IN_VALUE
    }

    private final boolean argumentsAlone;
    private final Listener listener;
    private final StringBuilder key = new StringBuilder();
    private final StringBuilder value = new StringBuilder();
    private Place place = Place.KEY;
    private int depth;
    private boolean quoted;
    private boolean escaped;
    private boolean done;
    private boolean strange;

    CallScanner(boolean argumentsAlone, Listener listener) {
        this.argumentsAlone = argumentsAlone;
        this.listener = listener;
    }

    /** Whether the object is complete. */
    boolean done() {
        return done;
    }

    /** Whether it has a key that no call has. */
    boolean strange() {
        return strange;
    }

    /** The next character; the first is an opening brace. */
    void take(char c) {
        if (argumentsAlone) {
            listener.arguments(String.valueOf(c));
            follow(c);
            done = depth == 0;
            return;
        }
        boolean structure = !quoted && depth == 1;
        if (structure && place == Place.IN_VALUE && (c == ',' || c == '}')) {
            endValue();
        }
        boolean wasQuoted = quoted;
        follow(c);
        if (depth == 0) {
            done = true;
        } else if (structure && c == ',') {
            key.setLength(0);
            place = Place.KEY;
        } else if (structure && place == Place.COLON && c == ':') {
            place = Place.VALUE;
            value.setLength(0);
            strange |= !ARGUMENTS.contains(key.toString()) && !OTHERS.contains(key.toString());
        } else {
            inside(c, wasQuoted);
        }
    }

    private void inside(char c, boolean wasQuoted) {
        switch (place) {
            case KEY -> {
                if (wasQuoted && quoted) {
                    key.append(c);
                } else if (wasQuoted) {
                    place = Place.COLON;
                }
            }
            case COLON -> {
            }
            case VALUE -> {
                if (!Character.isWhitespace(c)) {
                    place = Place.IN_VALUE;
                    valueCharacter(c);
                }
            }
            case IN_VALUE -> valueCharacter(c);
        }
    }

    /** Arguments are passed on at once, unless they are JSON within a string. */
    private void valueCharacter(char c) {
        boolean asString = !value.isEmpty() && value.charAt(0) == '"';
        if (ARGUMENTS.contains(key.toString()) && !asString && (c != '"' || !value.isEmpty())) {
            if (depth > 1 || quoted || !Character.isWhitespace(c)) {
                listener.arguments(String.valueOf(c));
            }
            value.setLength(0);
            value.append(' ');
        } else {
            value.append(c);
        }
    }

    private void endValue() {
        String text = value.toString().strip();
        if (key.toString().equals("name")) {
            listener.name(decoded(text));
        } else if (ARGUMENTS.contains(key.toString()) && text.startsWith("\"")) {
            listener.arguments(decoded(text));
        }
    }

    private static String decoded(String text) {
        try {
            return JSON.readTree(text).asText("");
        } catch (JsonProcessingException _) {
            return text;
        }
    }

    private void follow(char c) {
        if (quoted) {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
}
