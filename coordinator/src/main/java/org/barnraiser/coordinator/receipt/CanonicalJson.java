package org.barnraiser.coordinator.receipt;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.TreeMap;

/**
 * The one way to write a JSON value that is signed, as RFC 8785 has it: no spaces, members in the order of their names' UTF-16 units,
 * the shortest escapes, UTF-8. Of numbers there are only whole ones that every program reads alike; others are written as strings.
 */
final class CanonicalJson {
    private static final long MAX_EXACT = (1L << 53) - 1;
    private static final int MAX_DEPTH = 32;

    private final StringBuilder out = new StringBuilder();

    private CanonicalJson() {}

    /** @throws IllegalArgumentException when there is no such form of the value; the message says why */
    static byte[] of(JsonNode value) {
        CanonicalJson writer = new CanonicalJson();
        writer.write(value, 0);
        try {
            var bytes = StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(writer.out));
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            return copy;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a string in it is no Unicode text", e);
        }
    }

    private void write(JsonNode value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("it is nested more than " + MAX_DEPTH + " deep");
        }
        switch (value.getNodeType()) {
            case OBJECT -> object(value, depth);
            case ARRAY -> array(value, depth);
            case STRING -> string(value.textValue());
            case NUMBER -> number(value);
            case BOOLEAN, NULL -> out.append(value.asText());
            case BINARY, MISSING, POJO -> throw new IllegalArgumentException("it has a value that is no JSON");
        }
    }

    private void object(JsonNode object, int depth) {
        var members = new TreeMap<String, JsonNode>();
        object.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        out.append('{');
        String comma = "";
        for (var member : members.entrySet()) {
            out.append(comma);
            string(member.getKey());
            out.append(':');
            write(member.getValue(), depth + 1);
            comma = ",";
        }
        out.append('}');
    }

    private void array(JsonNode array, int depth) {
        out.append('[');
        Iterator<JsonNode> values = array.elements();
        while (values.hasNext()) {
            write(values.next(), depth + 1);
            if (values.hasNext()) {
                out.append(',');
            }
        }
        out.append(']');
    }

    private void number(JsonNode number) {
        if (!number.isIntegralNumber() || !number.canConvertToLong() || Math.abs(number.longValue()) > MAX_EXACT) {
            throw new IllegalArgumentException("the number " + number + " is not a whole one below 2^53");
        }
        out.append(number.longValue());
    }

    private void string(String text) {
        out.append('"');
        text.chars().forEach(unit -> {
            switch (unit) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (unit < ' ') {
                        out.append("\\u00%02x".formatted(unit));
                    } else {
                        out.append((char) unit);
                    }
                }
            }
        });
        out.append('"');
    }
}
