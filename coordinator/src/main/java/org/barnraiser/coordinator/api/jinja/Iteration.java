package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;

/** What a loop, a filter or a function goes over; what is looked at is counted. */
final class Iteration {
    private final Budget budget;

    Iteration(Budget budget) {
        this.budget = budget;
    }

    /** The items of a list, the keys of a dictionary, the characters of a string; nothing of something undefined. */
    List<Value> items(Value value) {
        List<Value> items = switch (value) {
            case Value.Sequence sequence -> sequence.items();
            case Value.Mapping mapping -> {
                budget.steps(mapping.entries().size());
                yield new ArrayList<>(mapping.entries().keySet());
            }
            case Text text -> characters(text);
            case Value.Undefined _ -> List.of();
            default -> throw new TemplateException("the chat template loops over " + value.typeName());
        };
        budget.steps(items.size());
        return items;
    }

    private List<Value> characters(Text text) {
        budget.characters(text.length());
        budget.steps(text.length());
        List<Value> characters = new ArrayList<>();
        for (int at = 0; at < text.length();) {
            int end = text.string().offsetByCodePoints(at, 1);
            characters.add(text.slice(at, end));
            at = end;
        }
        return characters;
    }

    /** The pairs of a dictionary, each a list of key and value. */
    Value pairs(Value.Mapping mapping) {
        budget.steps(2L * mapping.entries().size());
        return Value.sequence(mapping.entries().entrySet().stream()
                .map(entry -> new Value.Sequence(List.of(entry.getKey(), entry.getValue()))).toList());
    }

    long length(Value value) {
        return switch (value) {
            case Text text -> text.length();
            case Value.Sequence sequence -> sequence.items().size();
            case Value.Mapping mapping -> mapping.entries().size();
            case Value.Undefined _ -> 0;
            default -> throw new TemplateException("the chat template wants the length of " + value.typeName());
        };
    }
}
