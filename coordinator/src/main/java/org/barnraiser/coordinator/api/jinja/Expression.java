package org.barnraiser.coordinator.api.jinja;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A parsed expression. */
sealed interface Expression {

    record Literal(Value value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListLiteral(List<Expression> items) implements Expression {}

    record DictLiteral(List<Entry> entries) implements Expression {}

    record Entry(Expression key, Expression value) {}

    /** {@code target.name} */
    record Attribute(Expression target, String name) implements Expression {}

    /** {@code target[index]} */
    record Subscript(Expression target, Expression index) implements Expression {}

    /** {@code target[from:to:step]} */
    record Slice(Expression target, Optional<Expression> from, Optional<Expression> to,
            Optional<Expression> step) implements Expression {}

    record Call(Expression target, ArgumentList arguments) implements Expression {}

    /** {@code target | name(arguments)} */
    record Filter(Expression target, String name, ArgumentList arguments) implements Expression {}

    /** {@code target is name(arguments)} */
    record Test(Expression target, String name, ArgumentList arguments) implements Expression {}

    record Not(Expression operand) implements Expression {}

    record Negate(Expression operand) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    /** Arithmetic and {@code ~}. */
    record Arithmetic(String operator, Expression left, Expression right) implements Expression {}

    /** {@code first < second <= third …}; {@code in} and {@code not in} are comparisons too. */
    record Comparison(Expression first, List<Comparand> rest) implements Expression {}

    record Comparand(String operator, Expression operand) {}

    /** {@code then if condition else otherwise} */
    record Conditional(Expression then, Expression condition, Optional<Expression> otherwise) implements Expression {}

    record ArgumentList(List<Expression> positional, Map<String, Expression> named) {
        static final ArgumentList NONE = new ArgumentList(List.of(), Map.of());
    }
}
