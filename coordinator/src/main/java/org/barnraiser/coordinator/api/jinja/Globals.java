package org.barnraiser.coordinator.api.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that every template has. */
final class Globals {
    /** Python's {@code strftime} directives in the patterns of {@link DateTimeFormatter}. */
    private static final Map<Character, String> DATE_PATTERNS = Map.ofEntries(Map.entry('Y', "uuuu"),
            Map.entry('y', "uu"), Map.entry('m', "MM"), Map.entry('d', "dd"), Map.entry('B', "MMMM"),
            Map.entry('b', "MMM"), Map.entry('A', "EEEE"), Map.entry('a', "EEE"), Map.entry('H', "HH"),
            Map.entry('I', "hh"), Map.entry('M', "mm"), Map.entry('S', "ss"), Map.entry('p', "a"),
            Map.entry('j', "DDD"), Map.entry('F', "uuuu-MM-dd"), Map.entry('T', "HH:mm:ss"), Map.entry('Z', "zzz"),
            Map.entry('z', "xx"));

    private final Budget budget;
    private final ZonedDateTime now;

    Globals(Budget budget, ZonedDateTime now) {
        this.budget = budget;
        this.now = now;
    }

    Scope scope() {
        Scope scope = new Scope(null);
        scope.set("range", (Value.Callable) this::range);
        scope.set("namespace", (Value.Callable) Globals::namespace);
        scope.set("dict", (Value.Callable) Globals::dict);
        scope.set("raise_exception", (Value.Callable) Globals::raise);
        scope.set("strftime_now", (Value.Callable) arguments -> date(arguments.requireText(0, "format").string()));
        return scope;
    }

    private Value range(Arguments arguments) {
        boolean startGiven = arguments.positional().size() > 1;
        long start = startGiven ? arguments.getInteger(0, "start", 0) : 0;
        long end = arguments.getInteger(startGiven ? 1 : 0, "stop", 0);
        long step = arguments.getInteger(2, "step", 1);
        if (step == 0) {
            throw new TemplateException("the chat template counts with step 0");
        }
        List<Value> numbers = new ArrayList<>();
        for (long number = start; step > 0 ? number < end : number > end; number = Math.addExact(number, step)) {
            budget.step();
            numbers.add(Value.of(number));
        }
        return Value.sequence(numbers);
    }

    private static Value namespace(Arguments arguments) {
        Map<String, Value> entries = new HashMap<>(arguments.named());
        if (arguments.get(0, "", Value.None.VALUE) instanceof Value.Mapping mapping) {
            mapping.entries().forEach((key, value) -> {
                if (key instanceof Text name) {
                    entries.put(name.string(), value);
                }
            });
        }
        return new Value.Namespace(entries);
    }

    private static Value dict(Arguments arguments) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        if (arguments.get(0, "", Value.None.VALUE) instanceof Value.Mapping mapping) {
            entries.putAll(mapping.entries());
        }
        arguments.named().forEach((name, value) -> entries.put(Text.trusted(name), value));
        return new Value.Mapping(entries);
    }

    private static Value raise(Arguments arguments) {
        throw new TemplateException.Raised(arguments.requireText(0, "message").string());
    }

    private Text date(String format) {
        StringBuilder result = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                result.append(c);
                continue;
            }
            boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
            i += unpadded ? 2 : 1;
            String field = field(format.charAt(i));
            result.append(unpadded ? field.replaceFirst("^0+(?=.)", "") : field);
        }
        return Text.trusted(result.toString());
    }

    private String field(char directive) {
        String pattern = DATE_PATTERNS.get(directive);
        if (pattern == null) {
            return directive == '%' ? "%" : "%" + directive;
        }
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now);
    }
}
