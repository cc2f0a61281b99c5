package org.barnraiser.coordinator.api.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Computes expressions. */
final class Evaluator {
    private final Budget budget;
    private final Printer printer;
    private final Operators operators;
    private final Tests tests;
    private final Attributes attributes;
    private final Filters filters;

    Evaluator(Budget budget) {
        this.budget = budget;
        this.printer = new Printer(budget);
        this.operators = new Operators(budget, printer);
        this.tests = new Tests(operators);
        StringMethods strings = new StringMethods(budget);
        this.attributes = new Attributes(budget, strings);
        this.filters = new Filters(budget, printer, operators, tests, strings, attributes);
    }

    Text print(Value value) {
        return printer.print(value);
    }

    Value filter(String name, Value value, Expression.ArgumentList arguments, Scope scope) {
        return filters.apply(name, value, arguments(arguments, scope));
    }

    Value evaluate(Expression expression, Scope scope) {
        budget.enter();
        Value value = switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Name name -> scope.get(name.name());
            case Expression.ListLiteral list -> Value
                    .sequence(list.items().stream().map(item -> evaluate(item, scope)).toList());
            case Expression.DictLiteral dict -> dict(dict, scope);
            case Expression.Attribute attribute -> attributes.attribute(evaluate(attribute.target(), scope),
                    attribute.name());
            case Expression.Subscript subscript -> attributes.subscript(evaluate(subscript.target(), scope),
                    evaluate(subscript.index(), scope));
            case Expression.Slice slice -> attributes.slice(evaluate(slice.target(), scope),
                    bound(slice.from(), scope), bound(slice.to(), scope), bound(slice.step(), scope));
            case Expression.Call call -> call(call, scope);
            case Expression.Filter filter -> filter(filter.name(), evaluate(filter.target(), scope), filter.arguments(),
                    scope);
            case Expression.Test test -> Value.of(tests.test(test.name(), evaluate(test.target(), scope),
                    arguments(test.arguments(), scope)));
            case Expression.Not not -> Value.of(!evaluate(not.operand(), scope).isTrue());
            case Expression.Negate negate -> operators.arithmetic("-", Value.of(0), evaluate(negate.operand(), scope));
            case Expression.And and -> {
                Value left = evaluate(and.left(), scope);
                yield left.isTrue() ? evaluate(and.right(), scope) : left;
            }
            case Expression.Or or -> {
                Value left = evaluate(or.left(), scope);
                yield left.isTrue() ? left : evaluate(or.right(), scope);
            }
            case Expression.Arithmetic arithmetic -> operators.arithmetic(arithmetic.operator(),
                    evaluate(arithmetic.left(), scope), evaluate(arithmetic.right(), scope));
            case Expression.Comparison comparison -> Value.of(compare(comparison, scope));
            case Expression.Conditional conditional -> evaluate(conditional.condition(), scope).isTrue()
                    ? evaluate(conditional.then(), scope)
                    : bound(conditional.otherwise(), scope, Value.Undefined.VALUE);
        };
        budget.leave();
        return value;
    }

    private Value bound(Optional<Expression> expression, Scope scope) {
        return bound(expression, scope, Value.None.VALUE);
    }

    private Value bound(Optional<Expression> expression, Scope scope, Value otherwise) {
        return expression.map(present -> evaluate(present, scope)).orElse(otherwise);
    }

    private Value dict(Expression.DictLiteral dict, Scope scope) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Expression.Entry entry : dict.entries()) {
            Value key = evaluate(entry.key(), scope);
            if (!Operators.isKey(key)) {
                throw new TemplateException("the chat template uses " + key.typeName() + " as a key");
            }
            entries.put(key, evaluate(entry.value(), scope));
        }
        return new Value.Mapping(entries);
    }

    private Value call(Expression.Call call, Scope scope) {
        Value target = evaluate(call.target(), scope);
        if (target instanceof Value.Callable callable) {
            return callable.call(arguments(call.arguments(), scope));
        }
        String name = switch (call.target()) {
            case Expression.Name(String plain) -> "'" + plain + "'";
            case Expression.Attribute attribute -> "'" + attribute.name() + "'";
            default -> "a result";
        };
        throw new TemplateException("the chat template calls " + name + ", which is not a function here");
    }

    private Arguments arguments(Expression.ArgumentList list, Scope scope) {
        if (list.positional().isEmpty() && list.named().isEmpty()) {
            return Arguments.NONE;
        }
        List<Value> positional = list.positional().stream().map(argument -> evaluate(argument, scope)).toList();
        Map<String, Value> named = new LinkedHashMap<>();
        list.named().forEach((name, argument) -> named.put(name, evaluate(argument, scope)));
        return new Arguments(positional, named);
    }

    private boolean compare(Expression.Comparison comparison, Scope scope) {
        Value left = evaluate(comparison.first(), scope);
        for (Expression.Comparand comparand : comparison.rest()) {
            Value right = evaluate(comparand.operand(), scope);
            if (!operators.compare(comparand.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }
}
