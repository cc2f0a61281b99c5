package org.barnraiser.coordinator.api.schema;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** Reads what a schema says of strings. */
final class TextReader {
    private static final int MOST_CHARACTERS = 10_000;
    private static final String DATE = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
            + "|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
    private static final String TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?";
    private static final String ZONE = "(?:0[0-9]|1[0-4]):[03]0";
    private static final String BYTE = "(?:[0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
    private static final String HOST = "[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?(?:\\.[a-z](?:[a-z0-9-]{0,20}[a-z0-9])?){1,3}";
    /** What each format stands for, or a part of it. */
    private static final Map<String, String> FORMATS = Map.of("date", DATE, "time",
            TIME + "(?:Z|\\+" + ZONE + ")", "date-time", DATE + "T" + TIME + "(?:Z|[+-]" + ZONE + ")", "uuid",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ipv4",
            BYTE + "\\." + BYTE + "\\." + BYTE + "\\." + BYTE, "ipv6", "[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}", "hostname",
            HOST, "email", "[a-zA-Z0-9]{1,20}(?:[._-][a-zA-Z0-9]{1,20}){0,2}@"
                    + "[a-z][a-z0-9]{0,20}(?:\\.[a-z][a-z0-9]{0,20}){0,2}\\.[a-z]{2,8}",
            "uri",
            "https?://" + HOST + "(?:/[a-zA-Z0-9_-]{1,50}){0,8}/?", "duration",
            "P(?:[0-9]{1,4}D(?:T[0-9]{1,4}H)?|T(?:[0-9]{1,4}H)?(?:[0-9]{1,4}M)?[0-9]{1,4}S)");

    private TextReader() {}

    static Rule read(ObjectNode schema, SchemaReader reader)
            throws UnsupportedSchemaException, SchemaMerge.NothingLeftException {
        int min = SchemaReader.count(schema, "minLength", 0);
        int max = SchemaReader.count(schema, "maxLength", Integer.MAX_VALUE);
        for (String keyword : List.of("pattern", "format")) {
            if (schema.has(keyword)) {
                Rule inside = special(schema, keyword, reader);
                if (!inside.equals(JsonRules.STRING)) {
                    checkAlone(schema, keyword, min, reader);
                    return Rule.sequence(JsonRules.QUOTE, inside, JsonRules.QUOTE);
                }
            }
        }
        if (min > max) {
            throw new SchemaMerge.NothingLeftException();
        }
        if (min == 0 && max == Integer.MAX_VALUE) {
            return JsonRules.STRING;
        }
        if (min > MOST_CHARACTERS || (max > MOST_CHARACTERS && max < Integer.MAX_VALUE)) {
            reader.unsupported(min > MOST_CHARACTERS ? "minLength" : "maxLength",
                    "can be at most " + MOST_CHARACTERS);
            return JsonRules.STRING;
        }
        return Rule.sequence(JsonRules.QUOTE, Rule.repeat(JsonRules.CHARACTER, min,
                max == Integer.MAX_VALUE ? Rule.Repeat.UNBOUNDED : max), JsonRules.QUOTE);
    }

    /** What a pattern or format allows; any string where it is passed over. */
    private static Rule special(ObjectNode schema, String keyword, SchemaReader reader)
            throws UnsupportedSchemaException {
        String said = schema.get(keyword).asText();
        if (keyword.equals("format")) {
            String pattern = FORMATS.get(said);
            if (pattern == null) {
                reader.unsupported(keyword, "can only be one of " + String.join(", ",
                        FORMATS.keySet().stream().sorted().toList()));
                return JsonRules.STRING;
            }
            return PatternReader.read("^(?:" + pattern + ")$");
        }
        try {
            return PatternReader.read(said);
        } catch (UnsupportedSchemaException unsupported) {
            reader.unsupported(keyword, String.valueOf(unsupported.getMessage()));
            return JsonRules.STRING;
        }
    }

    private static void checkAlone(ObjectNode schema, String keyword, int min, SchemaReader reader)
            throws UnsupportedSchemaException {
        if (min > 0 || schema.has("maxLength")) {
            reader.unsupported(schema.has("maxLength") ? "maxLength" : "minLength",
                    "together with '" + keyword + "' is not supported");
        }
        if (keyword.equals("pattern") && schema.has("format")) {
            reader.unsupported("format", "together with 'pattern' is not supported");
        }
    }
}
