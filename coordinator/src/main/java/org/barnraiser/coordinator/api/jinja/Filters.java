package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/** Jinja's filters: what may stand after {@code |}. */
final class Filters {
    private final Budget budget;
    private final Printer printer;
    private final Operators operators;
    private final Tests tests;
    private final Iteration iteration;
    private final StringMethods strings;
    private final Attributes attributes;

    Filters(Budget budget, Printer printer, Operators operators, Tests tests, StringMethods strings,
            Attributes attributes) {
        this.budget = budget;
        this.printer = printer;
        this.operators = operators;
        this.tests = tests;
        this.iteration = new Iteration(budget);
        this.strings = strings;
        this.attributes = attributes;
    }

    Value apply(String name, Value value, Arguments arguments) {
        return switch (name) {
            case "trim", "upper", "lower", "capitalize", "title", "replace", "escape", "e", "indent", "safe",
                    "string" ->
                ofText(name, printer.print(value), arguments);
            case "tojson" -> printer.json(value, Math.clamp(arguments.getInteger(0, "indent", -1), -1, 16));
            case "length", "count" -> Value.of(iteration.length(value));
            case "default", "d" -> orDefault(value, arguments);
            case "int" -> integer(value, arguments.get(0, "default", Value.of(0)));
            case "float" -> real(value, arguments.get(0, "default", new Value.Real(0)));
            case "abs" ->
                operators.order(value, Value.of(0)) < 0 ? operators.arithmetic("-", Value.of(0), value) : value;
            case "round" -> round(value, arguments.getInteger(0, "precision", 0));
            case "items", "dictsort" -> pairs(name, value);
            default -> ofItems(name, iteration.items(value), arguments);
        };
    }

    private Value ofText(String name, Text text, Arguments arguments) {
        budget.characters(text.length());
        return switch (name) {
            case "trim" -> StringMethods.strip(text,
                    arguments.get(0, "chars", Value.None.VALUE) instanceof Text characters
                            ? Optional.of(characters.string())
                            : Optional.empty(),
                    true, true);
            case "upper" -> StringMethods.upper(text);
            case "lower" -> StringMethods.lower(text);
            case "capitalize" -> StringMethods.capitalize(text);
            case "title" -> StringMethods.title(text);
            case "replace" -> strings.replace(text, arguments.requireText(0, "old"), arguments.requireText(1, "new"),
                    arguments.getInteger(2, "count", -1));
            case "escape", "e" -> escape(text);
            case "indent" -> indent(text, arguments);
            default -> text;
        };
    }

    private Text escape(Text text) {
        budget.characters(5L * text.length());
        return text.map(string -> string.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                .replace("'", "&#39;").replace("\"", "&#34;"));
    }

    private Text indent(Text text, Arguments arguments) {
        int width = Math.clamp(arguments.getInteger(0, "width", 4), 0, 64);
        boolean first = arguments.get(1, "first", Value.of(false)).isTrue();
        boolean blank = arguments.get(2, "blank", Value.of(false)).isTrue();
        Text.Builder result = new Text.Builder();
        for (int from = 0; from <= text.length();) {
            int newLine = text.string().indexOf('\n', from);
            int end = newLine < 0 ? text.length() : newLine;
            boolean indented = from == 0 ? first : blank || end > from;
            budget.characters((long) width + end - from + 1);
            result.append(indented ? " ".repeat(width) : "").append(text.slice(from, Math.min(end + 1, text.length())));
            from = end + 1;
        }
        return result.build();
    }

    private static Value orDefault(Value value, Arguments arguments) {
        boolean falseToo = arguments.get(1, "boolean", Value.of(false)).isTrue();
        boolean missing = value instanceof Value.Undefined || (falseToo && !value.isTrue());
        return missing ? arguments.get(0, "default_value", Text.EMPTY) : value;
    }

    private static Value integer(Value value, Value otherwise) {
        OptionalDouble number = value instanceof Text text ? parse(text) : Operators.number(value);
        return value instanceof Value.Int || number.isEmpty()
                ? value instanceof Value.Int ? value : otherwise
                : Value.of((long) number.getAsDouble());
    }

    private static Value real(Value value, Value otherwise) {
        OptionalDouble number = value instanceof Text text ? parse(text) : Operators.number(value);
        return number.isPresent() ? new Value.Real(number.getAsDouble()) : otherwise;
    }

    private static OptionalDouble parse(Text text) {
        try {
            return OptionalDouble.of(Double.parseDouble(text.string()));
        } catch (NumberFormatException _) {
            return OptionalDouble.empty();
        }
    }

    private static Value round(Value value, long precision) {
        double scale = Math.pow(10, Math.clamp(precision, 0, 15));
        return new Value.Real(Math.rint(Operators.number(value).orElse(0) * scale) / scale);
    }

    private Value pairs(String name, Value value) {
        if (value instanceof Value.Undefined) {
            return Value.sequence(List.of());
        }
        if (!(value instanceof Value.Mapping mapping)) {
            throw new TemplateException("the chat template wants the items of " + value.typeName());
        }
        Value pairs = iteration.pairs(mapping);
        return name.equals("items") ? pairs : Value.sequence(sorted(iteration.items(pairs), List.of("0")));
    }

    private Value ofItems(String name, List<Value> items, Arguments arguments) {
        return switch (name) {
            case "first" -> items.isEmpty() ? Value.Undefined.VALUE : items.getFirst();
            case "last" -> items.isEmpty() ? Value.Undefined.VALUE : items.getLast();
            case "list" -> Value.sequence(items);
            case "reverse" -> Value.sequence(items.reversed());
            case "join" -> join(items, arguments);
            case "sum" -> items.stream().reduce(Value.of(0), (sum, item) -> operators.arithmetic("+", sum, item));
            case "min" -> items.stream().min(operators::order).orElse(Value.Undefined.VALUE);
            case "max" -> items.stream().max(operators::order).orElse(Value.Undefined.VALUE);
            case "unique" -> unique(items);
            case "sort" -> sort(items, arguments);
            case "map" -> map(items, arguments);
            case "select" -> select(items, item -> passes(item, arguments));
            case "reject" -> select(items, item -> !passes(item, arguments));
            case "selectattr" -> select(items, item -> attributePasses(item, arguments));
            case "rejectattr" -> select(items, item -> !attributePasses(item, arguments));
            default -> throw new TemplateException("the chat template uses the unknown filter '" + name + "'");
        };
    }

    private Value join(List<Value> items, Arguments arguments) {
        Text separator = printer.print(arguments.get(0, "d", Text.EMPTY));
        Value attribute = arguments.get(1, "attribute", Value.None.VALUE);
        return strings.join(separator, attribute instanceof Text path
                ? items.stream().map(item -> attributes.path(item, path.string())).toList()
                : items);
    }

    private Value unique(List<Value> items) {
        List<Value> unique = new ArrayList<>();
        for (Value item : items) {
            if (unique.stream().noneMatch(earlier -> operators.equal(earlier, item))) {
                unique.add(item);
            }
        }
        return Value.sequence(unique);
    }

    private Value sort(List<Value> items, Arguments arguments) {
        Value attribute = arguments.get(2, "attribute", Value.None.VALUE);
        List<Value> sorted = sorted(items, attribute instanceof Text path ? List.of(path.string()) : List.of());
        return Value.sequence(arguments.get(0, "reverse", Value.of(false)).isTrue() ? sorted.reversed() : sorted);
    }

    /** Sorted by a path of attributes, or by the items themselves; strings without regard to case, as Jinja does. */
    private List<Value> sorted(List<Value> items, List<String> path) {
        List<Value> sorted = new ArrayList<>(items);
        Comparator<Value> order = Comparator.comparing(item -> {
            budget.step();
            Value key = path.isEmpty() ? item : attributes.path(item, path.getFirst());
            return key instanceof Text text ? StringMethods.lower(text) : key;
        }, operators::order);
        Collections.sort(sorted, order);
        return sorted;
    }

    private Value map(List<Value> items, Arguments arguments) {
        if (arguments.named().get("attribute") instanceof Text path) {
            Value otherwise = arguments.named().getOrDefault("default", Value.Undefined.VALUE);
            return Value.sequence(items.stream().map(item -> attributes.path(item, path.string()))
                    .map(found -> found instanceof Value.Undefined ? otherwise : found).toList());
        }
        String filter = arguments.requireText(0, "filter").string();
        Arguments rest = new Arguments(arguments.withoutFirst().positional(), Map.of());
        return Value.sequence(items.stream().map(item -> applyNested(filter, item, rest)).toList());
    }

    private Value applyNested(String filter, Value item, Arguments arguments) {
        budget.enter();
        Value result = apply(filter, item, arguments);
        budget.leave();
        return result;
    }

    private static Value select(List<Value> items, Predicate<Value> predicate) {
        return Value.sequence(items.stream().filter(predicate).toList());
    }

    private boolean passes(Value item, Arguments arguments) {
        budget.step();
        return arguments.positional().isEmpty()
                ? item.isTrue()
                : tests.test(arguments.requireText(0, "test").string(), item, arguments.withoutFirst());
    }

    private boolean attributePasses(Value item, Arguments arguments) {
        return passes(attributes.path(item, arguments.requireText(0, "attribute").string()), arguments.withoutFirst());
    }
}
