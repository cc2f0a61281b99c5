package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of the template language. There are no others, so a template reaches nothing of Java. */
public sealed interface Value
        permits Text, Value.None, Value.Undefined, Value.Bool, Value.Int, Value.Real, Value.Sequence, Value.Mapping,
        Value.Namespace, Value.Loop, Value.Callable {

    /** Python's {@code None}. */
    enum None implements Value {
        VALUE
    }

    /** A name or attribute that does not exist. */
    enum Undefined implements Value {
        VALUE
    }

    record Bool(boolean value) implements Value {}

    record Int(long value) implements Value {}

    record Real(double value) implements Value {}

    /** A list or a tuple; cannot be changed. */
    record Sequence(List<Value> items) implements Value {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** A dictionary in order of insertion; cannot be changed. */
    record Mapping(Map<Value, Value> entries) implements Value {}

    /** {@code namespace(...)}: the only value that a template can change. */
    record Namespace(Map<String, Value> entries) implements Value {}

    /** The variable {@code loop} in the turn {@code index} of a loop over {@code items}. */
    record Loop(List<Value> items, int index) implements Value {}

    /** Something to call: a macro, a function or a bound method. */
    non-sealed interface Callable extends Value {
        Value call(Arguments arguments);
    }

    static Value of(boolean value) {
        return new Bool(value);
    }

    static Value of(long value) {
        return new Int(value);
    }

    /** A sequence of the values as they are now. */
    static Sequence sequence(Collection<? extends Value> items) {
        return new Sequence(new ArrayList<>(items));
    }

    /** A mapping with trusted keys. */
    static Mapping mapping(Map<String, ? extends Value> entries) {
        Map<Value, Value> copy = new LinkedHashMap<>();
        entries.forEach((key, value) -> copy.put(Text.trusted(key), value));
        return new Mapping(copy);
    }

    /** Python's truth. */
    default boolean isTrue() {
        return switch (this) {
            case None _,Undefined _ -> false;
            case Bool bool -> bool.value();
            case Int number -> number.value() != 0;
            case Real number -> number.value() != 0;
            case Text text -> text.length() > 0;
            case Sequence sequence -> !sequence.items().isEmpty();
            case Mapping mapping -> !mapping.entries().isEmpty();
            case Namespace _,Loop _,Callable _ -> true;
        };
    }

    /** What the value is called in error messages. */
    default String typeName() {
        return switch (this) {
            case None _ -> "none";
            case Undefined _ -> "something undefined";
            case Bool _ -> "a boolean";
            case Int _,Real _ -> "a number";
            case Text _ -> "a string";
            case Sequence _ -> "a list";
            case Mapping _ -> "a dictionary";
            case Namespace _ -> "a namespace";
            case Loop _ -> "a loop";
            case Callable _ -> "a function";
        };
    }
}
