package org.barnraiser.coordinator.api.jinja;

import org.barnraiser.coordinator.api.jinja.Value.Bool;
import org.barnraiser.coordinator.api.jinja.Value.Int;
import org.barnraiser.coordinator.api.jinja.Value.Real;

/** Jinja's tests: what may stand after {@code is}. */
final class Tests {
    private final Operators operators;

    Tests(Operators operators) {
        this.operators = operators;
    }

    boolean test(String name, Value value, Arguments arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Value.Undefined);
            case "undefined" -> value instanceof Value.Undefined;
            case "none" -> value instanceof Value.None;
            case "boolean" -> value instanceof Bool;
            case "true" -> value instanceof Bool bool && bool.value();
            case "false" -> value instanceof Bool bool && !bool.value();
            case "integer" -> value instanceof Int;
            case "float" -> value instanceof Real;
            case "number" -> value instanceof Int || value instanceof Real || value instanceof Bool;
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof Value.Mapping;
            case "sequence", "iterable" -> value instanceof Value.Sequence || value instanceof Value.Mapping
                    || value instanceof Text || value instanceof Value.Undefined;
            case "callable" -> value instanceof Value.Callable;
            case "lower" -> value instanceof Text text && text.equals(StringMethods.lower(text));
            case "upper" -> value instanceof Text text && text.equals(StringMethods.upper(text));
            case "odd" -> remainder(value, 2) == 1;
            case "even" -> remainder(value, 2) == 0;
            case "divisibleby" -> remainder(value, arguments.getInteger(0, "num", 0)) == 0;
            case "sameas" -> operators.equal(value, arguments.require(0, "other"));
            case "in" -> operators.contains(arguments.require(0, "seq"), value);
            case "eq", "equalto", "==" -> operators.equal(value, arguments.require(0, "other"));
            case "ne", "!=" -> !operators.equal(value, arguments.require(0, "other"));
            case "lt", "lessthan" -> operators.order(value, arguments.require(0, "other")) < 0;
            case "le" -> operators.order(value, arguments.require(0, "other")) <= 0;
            case "gt", "greaterthan" -> operators.order(value, arguments.require(0, "other")) > 0;
            case "ge" -> operators.order(value, arguments.require(0, "other")) >= 0;
            default -> throw new TemplateException("the chat template uses the unknown test '" + name + "'");
        };
    }

    private static long remainder(Value value, long divisor) {
        if (value instanceof Int number && divisor != 0) {
            return Math.floorMod(number.value(), divisor);
        }
        throw new TemplateException("the chat template divides " + value.typeName() + " in a test");
    }
}
