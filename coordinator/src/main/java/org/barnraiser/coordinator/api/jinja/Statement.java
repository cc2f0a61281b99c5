package org.barnraiser.coordinator.api.jinja;

import java.util.List;
import java.util.Optional;

/** A parsed statement. */
sealed interface Statement {

    /** Text outside of all braces. */
    record Data(Text text) implements Statement {}

    record Output(Expression expression) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression condition, List<Statement> body) {}

    record For(List<String> targets, Expression iterable, Optional<Expression> filter, List<Statement> body,
            List<Statement> otherwise) implements Statement {}

    /** {@code set a, b = value} */
    record Set(List<String> targets, Expression value) implements Statement {}

    /** {@code set target.attribute = value}; the target must be a namespace. */
    record SetAttribute(String target, String attribute, Expression value) implements Statement {}

    /** {@code set target}…{@code endset} */
    record SetBlock(String target, List<Statement> body) implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body) implements Statement {}

    record Parameter(String name, Optional<Expression> defaultValue) {}

    /** {@code filter name}…{@code endfilter} */
    record FilterBlock(String name, Expression.ArgumentList arguments, List<Statement> body) implements Statement {}

    /** Statements that make no scope of their own ({@code generation}). */
    record Group(List<Statement> body) implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}
}
