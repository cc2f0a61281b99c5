package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code value.name} and {@code value[index]} find. Nothing of Java is among it. */
final class Attributes {
    private final StringMethods strings;
    private final Iteration iteration;
    private final Budget budget;

    Attributes(Budget budget, StringMethods strings) {
        this.budget = budget;
        this.strings = strings;
        this.iteration = new Iteration(budget);
    }

    /** {@code value.name}: a method first, then an entry, as in Jinja. */
    Value attribute(Value value, String name) {
        return switch (value) {
            case Text text -> strings.find(text, name).<Value>map(method -> method).orElse(Value.Undefined.VALUE);
            case Value.Mapping mapping -> method(mapping, name).<Value>map(method -> method)
                    .orElseGet(() -> mapping.entries().getOrDefault(Text.trusted(name), Value.Undefined.VALUE));
            case Value.Namespace namespace -> namespace.entries().getOrDefault(name, Value.Undefined.VALUE);
            case Value.Loop loop -> ofLoop(loop, name);
            case Value.Undefined _ -> throw new TemplateException("the chat template wants '" + name
                    + "' of something undefined");
            default -> Value.Undefined.VALUE;
        };
    }

    /** Attributes or indexes with dots between them. */
    Value path(Value value, String path) {
        Value found = value;
        for (String name : path.split("\\.", 16)) {
            budget.step();
            boolean index = !name.isEmpty() && name.length() < 10 && name.chars().allMatch(c -> c >= '0' && c <= '9');
            found = subscript(found, index ? Value.of(Long.parseLong(name)) : Text.trusted(name));
        }
        return found;
    }

    /** {@code value[index]} */
    Value subscript(Value value, Value index) {
        return switch (value) {
            case Value.Sequence sequence when index instanceof Value.Int number -> {
                int size = sequence.items().size();
                long at = number.value() < 0 ? number.value() + size : number.value();
                yield at >= 0 && at < size ? sequence.items().get((int) at) : Value.Undefined.VALUE;
            }
            case Text text when index instanceof Value.Int number -> {
                long at = number.value() < 0 ? number.value() + text.length() : number.value();
                yield at >= 0 && at < text.length() ? text.slice((int) at, (int) at + 1) : Value.Undefined.VALUE;
            }
            case Value.Mapping mapping when Operators.isKey(index) && mapping.entries().containsKey(index) -> mapping
                    .entries().getOrDefault(index, Value.Undefined.VALUE);
            default -> index instanceof Text name ? attribute(value, name.string()) : missing(value);
        };
    }

    private static Value missing(Value value) {
        if (value instanceof Value.Undefined) {
            throw new TemplateException("the chat template wants an item of something undefined");
        }
        return Value.Undefined.VALUE;
    }

    /** {@code value[from:to:step]}, as Python counts. */
    Value slice(Value value, Value from, Value to, Value step) {
        long stride = step instanceof Value.Int number ? number.value() : 1;
        if (stride == 0) {
            throw new TemplateException("the chat template slices with step 0");
        }
        int size = Math.toIntExact(iteration.length(value));
        stride = Math.clamp(stride, -size - 1L, size + 1L);
        long first = bound(from, size, stride > 0 ? 0 : size - 1L, stride);
        long end = bound(to, size, stride > 0 ? size : -1, stride);
        if (value instanceof Text text) {
            return slice(text, first, end, stride);
        }
        List<Value> items = iteration.items(value);
        List<Value> slice = new ArrayList<>();
        for (long at = first; stride > 0 ? at < end : at > end; at += stride) {
            slice.add(items.get((int) at));
        }
        return Value.sequence(slice);
    }

    private Text slice(Text text, long first, long end, long stride) {
        budget.characters(text.length());
        if (stride == 1) {
            return text.slice((int) first, (int) Math.max(first, end));
        }
        Text.Builder result = new Text.Builder();
        for (long at = first; stride > 0 ? at < end : at > end; at += stride) {
            result.append(text.slice((int) at, (int) at + 1));
        }
        return result.build();
    }

    private static long bound(Value value, int size, long otherwise, long stride) {
        if (!(value instanceof Value.Int number)) {
            return otherwise;
        }
        long at = number.value() < 0 ? number.value() + size : number.value();
        return stride > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1L);
    }

    private Optional<Value.Callable> method(Value.Mapping mapping, String name) {
        Value.Callable method = switch (name) {
            case "items" -> _ -> iteration.pairs(mapping);
            case "keys" -> _ -> Value.sequence(iteration.items(mapping));
            case "values" -> _ -> Value.sequence(mapping.entries().values());
            case "get" -> arguments -> Operators.isKey(arguments.require(0, "key"))
                    ? mapping.entries().getOrDefault(arguments.require(0, "key"),
                            arguments.get(1, "default", Value.None.VALUE))
                    : Value.None.VALUE;
            default -> null;
        };
        return Optional.ofNullable(method);
    }

    private static Value ofLoop(Value.Loop loop, String name) {
        int size = loop.items().size();
        int index = loop.index();
        return switch (name) {
            case "index" -> Value.of(index + 1L);
            case "index0" -> Value.of((long) index);
            case "revindex" -> Value.of((long) size - index);
            case "revindex0" -> Value.of(size - index - 1L);
            case "first" -> Value.of(index == 0);
            case "last" -> Value.of(index == size - 1);
            case "length" -> Value.of((long) size);
            case "previtem" -> index > 0 ? loop.items().get(index - 1) : Value.Undefined.VALUE;
            case "nextitem" -> index < size - 1 ? loop.items().get(index + 1) : Value.Undefined.VALUE;
            case "cycle" -> (Value.Callable) arguments -> arguments.positional().isEmpty()
                    ? Value.Undefined.VALUE
                    : arguments.positional().get(index % arguments.positional().size());
            default -> Value.Undefined.VALUE;
        };
    }
}
