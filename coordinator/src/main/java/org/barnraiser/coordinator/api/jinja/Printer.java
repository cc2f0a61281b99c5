package org.barnraiser.coordinator.api.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Turns values into text, as Python's {@code str} and {@code json.dumps} do. */
final class Printer {
    private final Budget budget;

    Printer(Budget budget) {
        this.budget = budget;
    }

    /** Python's {@code str(value)}; something undefined is empty. */
    Text print(Value value) {
        if (value instanceof Text text) {
            return text;
        }
        if (value instanceof Value.Undefined) {
            return Text.EMPTY;
        }
        Text.Builder out = new Text.Builder();
        represent(value, out);
        return out.build();
    }

    private void represent(Value value, Text.Builder out) {
        budget.enter();
        switch (value) {
            case Text text -> {
                boolean doubleQuotes = text.string().contains("'") && !text.string().contains("\"");
                put(out, doubleQuotes ? "\"" : "'");
                escape(text, out, doubleQuotes ? '"' : '\'');
                put(out, doubleQuotes ? "\"" : "'");
            }
            case Value.Int number -> put(out, Long.toString(number.value()));
            case Value.Real number -> put(out, real(number.value()));
            case Value.Bool bool -> put(out, bool.value() ? "True" : "False");
            case Value.None _ -> put(out, "None");
            case Value.Undefined _ -> put(out, "Undefined");
            case Value.Sequence sequence -> {
                put(out, "[");
                representAll(sequence.items(), out);
                put(out, "]");
            }
            case Value.Mapping mapping -> representMapping(mapping, out);
            case Value.Namespace _,Value.Loop _,Value.Callable _ -> put(out, "<" + value.typeName() + ">");
        }
        budget.leave();
    }

    private void representAll(List<Value> items, Text.Builder out) {
        String separator = "";
        for (Value item : items) {
            put(out, separator);
            represent(item, out);
            separator = ", ";
        }
    }

    private void representMapping(Value.Mapping mapping, Text.Builder out) {
        String separator = "{";
        for (Map.Entry<Value, Value> entry : mapping.entries().entrySet()) {
            put(out, separator);
            represent(entry.getKey(), out);
            put(out, ": ");
            represent(entry.getValue(), out);
            separator = ", ";
        }
        put(out, mapping.entries().isEmpty() ? "{}" : "}");
    }

    /** {@code json.dumps(value, ensure_ascii=False, indent=indent)}; an indent below 0 keeps it on one line. */
    Text json(Value value, int indent) {
        Text.Builder out = new Text.Builder();
        json(value, indent, 0, out);
        return out.build();
    }

    private void json(Value value, int indent, int level, Text.Builder out) {
        budget.enter();
        switch (value) {
            case Text text -> jsonString(text, out);
            case Value.Int number -> put(out, Long.toString(number.value()));
            case Value.Real number -> put(out, real(number.value()));
            case Value.Bool bool -> put(out, bool.value() ? "true" : "false");
            case Value.None _ -> put(out, "null");
            case Value.Sequence sequence -> {
                String separator = "[";
                for (Value item : sequence.items()) {
                    separate(separator, indent, level + 1, out);
                    json(item, indent, level + 1, out);
                    separator = indent < 0 ? ", " : ",";
                }
                close(sequence.items().isEmpty(), "[", "]", indent, level, out);
            }
            case Value.Mapping mapping -> {
                String separator = "{";
                for (Map.Entry<Value, Value> entry : mapping.entries().entrySet()) {
                    separate(separator, indent, level + 1, out);
                    jsonString(print(entry.getKey()), out);
                    put(out, ": ");
                    json(entry.getValue(), indent, level + 1, out);
                    separator = indent < 0 ? ", " : ",";
                }
                close(mapping.entries().isEmpty(), "{", "}", indent, level, out);
            }
            case Value.Undefined _,Value.Namespace _,Value.Loop _,Value.Callable _ -> throw new TemplateException(
                    "the chat template wants JSON of " + value.typeName());
        }
        budget.leave();
    }

    private void separate(String separator, int indent, int level, Text.Builder out) {
        put(out, separator);
        newLine(indent, level, out);
    }

    private void close(boolean empty, String opening, String closing, int indent, int level, Text.Builder out) {
        if (empty) {
            put(out, opening);
        } else {
            newLine(indent, level, out);
        }
        put(out, closing);
    }

    private void newLine(int indent, int level, Text.Builder out) {
        if (indent >= 0) {
            long blanks = (long) indent * level;
            budget.characters(blanks);
            out.append("\n" + " ".repeat((int) blanks));
        }
    }

    private void jsonString(Text text, Text.Builder out) {
        put(out, "\"");
        escape(text, out, '"');
        put(out, "\"");
    }

    /** What an escape replaces keeps its origin. */
    private void escape(Text text, Text.Builder out, char quote) {
        budget.characters(text.length());
        String string = text.string();
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            String escaped = switch (c) {
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                default -> escape(c, quote);
            };
            out.append(escaped, text.isFromReader(i));
        }
    }

    private static String escape(char c, char quote) {
        if (c == quote) {
            return "\\" + c;
        }
        if (c >= ' ') {
            return String.valueOf(c);
        }
        if (quote == '\'') {
            return String.format(Locale.ROOT, "\\x%02x", (int) c);
        }
        return switch (c) {
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> String.format(Locale.ROOT, "\\u%04x", (int) c);
        };
    }

    private void put(Text.Builder out, String string) {
        budget.characters(string.length());
        out.append(string);
    }

    /** Python's shortest text of a floating-point number. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        double size = Math.abs(value);
        if (size == 0 || (size >= 1e-4 && size < 1e16)) {
            String plain = new BigDecimal(Double.toString(value)).toPlainString();
            return plain.contains(".") ? plain : plain + ".0";
        }
        String[] parts = Double.toString(value).split("E", 2);
        String mantissa = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        int exponent = Integer.parseInt(parts[1]);
        return String.format(Locale.ROOT, "%se%s%02d", mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
}
