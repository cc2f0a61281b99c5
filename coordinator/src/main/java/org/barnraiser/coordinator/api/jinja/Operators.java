package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Python's arithmetic, comparisons and membership. */
final class Operators {
    private final Budget budget;
    private final Printer printer;

    Operators(Budget budget, Printer printer) {
        this.budget = budget;
        this.printer = printer;
    }

    Value arithmetic(String operator, Value left, Value right) {
        if (operator.equals("~")) {
            return concatenate(printer.print(left), printer.print(right));
        }
        if (operator.equals("+") && left instanceof Text first && right instanceof Text second) {
            return concatenate(first, second);
        }
        if (operator.equals("+") && left instanceof Value.Sequence first && right instanceof Value.Sequence second) {
            budget.steps((long) first.items().size() + second.items().size());
            List<Value> items = new ArrayList<>(first.items());
            items.addAll(second.items());
            return Value.sequence(items);
        }
        if (operator.equals("*") && left instanceof Text text && right instanceof Value.Int count) {
            return repeat(text, count.value());
        }
        return numeric(operator, left, right);
    }

    private Text concatenate(Text left, Text right) {
        budget.characters((long) left.length() + right.length());
        return left.plus(right);
    }

    private Text repeat(Text text, long count) {
        Text.Builder result = new Text.Builder();
        for (long i = 0; i < count && text.length() > 0; i++) {
            budget.characters(text.length());
            result.append(text);
        }
        return result.build();
    }

    private static Value numeric(String operator, Value left, Value right) {
        OptionalDouble first = number(left);
        OptionalDouble second = number(right);
        if (first.isEmpty() || second.isEmpty()) {
            throw new TemplateException("the chat template uses '" + operator + "' with " + left.typeName() + " and "
                    + right.typeName());
        }
        boolean whole = !(left instanceof Value.Real) && !(right instanceof Value.Real) && !operator.equals("/");
        try {
            return whole
                    ? Value.of(integers(operator, whole(left), whole(right)))
                    : new Value.Real(reals(operator, first.getAsDouble(), second.getAsDouble()));
        } catch (ArithmeticException _) {
            throw new TemplateException("the chat template divides by zero or leaves the range of numbers");
        }
    }

    private static long whole(Value value) {
        return value instanceof Value.Int number ? number.value() : value.isTrue() ? 1 : 0;
    }

    private static long integers(String operator, long left, long right) {
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "//" -> Math.floorDiv(left, right);
            case "%" -> Math.floorMod(left, right);
            case "**" -> power(left, right);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static long power(long base, long exponent) {
        double result = Math.pow((double) base, (double) exponent);
        if (exponent < 0 || Math.abs(result) > 1L << 53) {
            throw new ArithmeticException();
        }
        return (long) result;
    }

    private static double reals(String operator, double left, double right) {
        if (right == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new ArithmeticException();
        }
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - Math.floor(left / right) * right;
            case "**" -> Math.pow(left, right);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    /** The value as a number; a boolean is 0 or 1 as in Python. */
    static OptionalDouble number(Value value) {
        return switch (value) {
            case Value.Int number -> OptionalDouble.of((double) number.value());
            case Value.Real number -> OptionalDouble.of(number.value());
            case Value.Bool bool -> OptionalDouble.of(bool.value() ? 1 : 0);
            default -> OptionalDouble.empty();
        };
    }

    boolean compare(String operator, Value left, Value right) {
        return switch (operator) {
            case "==" -> equal(left, right);
            case "!=" -> !equal(left, right);
            case "in" -> contains(right, left);
            case "not in" -> !contains(right, left);
            case "<" -> order(left, right) < 0;
            case "<=" -> order(left, right) <= 0;
            case ">" -> order(left, right) > 0;
            case ">=" -> order(left, right) >= 0;
            default -> throw new IllegalArgumentException(operator);
        };
    }

    /** Equality that counts what it looks at: values that share parts can be exponentially large. */
    boolean equal(Value left, Value right) {
        budget.enter();
        try {
            if (left instanceof Value.Int first && right instanceof Value.Int second) {
                return first.value() == second.value();
            }
            OptionalDouble first = number(left);
            if (first.isPresent()) {
                OptionalDouble second = number(right);
                return second.isPresent() && first.getAsDouble() == second.getAsDouble();
            }
            return switch (left) {
                case Text text -> text.equals(right);
                case Value.Sequence sequence -> right instanceof Value.Sequence other && equalItems(sequence, other);
                case Value.Mapping mapping -> right instanceof Value.Mapping other && equalEntries(mapping, other);
                case Value.None _ -> right instanceof Value.None;
                case Value.Undefined _ -> right instanceof Value.Undefined;
                default -> false;
            };
        } finally {
            budget.leave();
        }
    }

    private boolean equalItems(Value.Sequence left, Value.Sequence right) {
        if (left.items().size() != right.items().size()) {
            return false;
        }
        for (int i = 0; i < left.items().size(); i++) {
            if (!equal(left.items().get(i), right.items().get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean equalEntries(Value.Mapping left, Value.Mapping right) {
        if (left.entries().size() != right.entries().size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : left.entries().entrySet()) {
            Value other = right.entries().get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    int order(Value left, Value right) {
        OptionalDouble first = number(left);
        OptionalDouble second = number(right);
        if (first.isPresent() && second.isPresent()) {
            return Double.compare(first.getAsDouble(), second.getAsDouble());
        }
        if (left instanceof Text text && right instanceof Text other) {
            return text.string().compareTo(other.string());
        }
        throw new TemplateException("the chat template compares " + left.typeName() + " with " + right.typeName());
    }

    boolean contains(Value container, Value item) {
        return switch (container) {
            case Text text when item instanceof Text part -> {
                budget.characters(text.length());
                yield text.string().contains(part.string());
            }
            case Value.Sequence sequence -> sequence.items().stream().anyMatch(candidate -> equal(candidate, item));
            case Value.Mapping mapping -> isKey(item) && mapping.entries().containsKey(item);
            case Value.Namespace namespace ->
                item instanceof Text name && namespace.entries().containsKey(name.string());
            case Value.Undefined _ -> false;
            default -> throw new TemplateException("the chat template looks for " + item.typeName() + " in "
                    + container.typeName());
        };
    }

    /** Whether a value can be a key: those whose hash is quick to tell. */
    static boolean isKey(Value value) {
        return switch (value) {
            case Text _,Value.Int _,Value.Real _,Value.Bool _,Value.None _ -> true;
            default -> false;
        };
    }
}
