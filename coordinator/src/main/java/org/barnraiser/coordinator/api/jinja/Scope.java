package org.barnraiser.coordinator.api.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables; a loop's turn or a macro's call has its own, within that of its surroundings. */
final class Scope {
    private final @Nullable Scope parent;
    private final Map<String, Value> variables = new HashMap<>();

    Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Value value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Value.Undefined.VALUE;
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }

    /** Spreads the items of a value over several names, or sets the one name. */
    void setAll(List<String> names, Value value) {
        if (names.size() == 1) {
            set(names.getFirst(), value);
            return;
        }
        if (!(value instanceof Value.Sequence sequence) || sequence.items().size() != names.size()) {
            throw new TemplateException("the chat template wants " + names.size() + " values where there is "
                    + value.typeName());
        }
        for (int i = 0; i < names.size(); i++) {
            set(names.get(i), sequence.items().get(i));
        }
    }
}
