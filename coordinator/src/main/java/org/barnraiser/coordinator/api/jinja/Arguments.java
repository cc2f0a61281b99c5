package org.barnraiser.coordinator.api.jinja;

import java.util.List;
import java.util.Map;

/** What a function, filter, test or macro is called with. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** The argument at {@code index} or of that name. */
    Value get(int index, String name, Value otherwise) {
        if (index < positional.size()) {
            return positional.get(index);
        }
        Value value = named.get(name);
        return value == null ? otherwise : value;
    }

    Value require(int index, String name) {
        Value value = get(index, name, Value.Undefined.VALUE);
        if (value instanceof Value.Undefined) {
            throw new TemplateException("the chat template leaves out the argument '" + name + "' of a call");
        }
        return value;
    }

    Text requireText(int index, String name) {
        if (require(index, name) instanceof Text text) {
            return text;
        }
        throw new TemplateException(
                "the chat template calls a function whose argument '" + name + "' must be a string");
    }

    long getInteger(int index, String name, long otherwise) {
        return switch (get(index, name, Value.Undefined.VALUE)) {
            case Value.Int number -> number.value();
            case Value.Bool bool -> bool.value() ? 1 : 0;
            case Value.Undefined _,Value.None _ -> otherwise;
            default -> throw new TemplateException("the chat template calls a function whose argument '" + name
                    + "' must be a whole number");
        };
    }

    Arguments withoutFirst() {
        return new Arguments(positional.subList(1, positional.size()), named);
    }
}
