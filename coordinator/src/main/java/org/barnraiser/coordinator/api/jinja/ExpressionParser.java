package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.barnraiser.coordinator.api.jinja.Expression.ArgumentList;
import org.barnraiser.coordinator.api.jinja.Expression.Comparand;

/** Parses expressions; one method per level of precedence, loosest first, as in Jinja's own parser. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");
    private static final Set<String> NO_TEST_ARGUMENT = Set.of("else", "or", "and", "is", "if", "in", "not");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    Expression parse() {
        tokens.enter();
        Expression result = or();
        while (tokens.skipName("if")) {
            Expression condition = or();
            Optional<Expression> otherwise = tokens.skipName("else") ? Optional.of(parse()) : Optional.empty();
            result = new Expression.Conditional(result, condition, otherwise);
        }
        tokens.leave();
        return result;
    }

    /** An expression, or several with commas between them, which make a tuple. */
    Expression parseTuple() {
        Expression first = parse();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !endsTuple(tokens.peek())) {
            items.add(parse());
        }
        return new Expression.ListLiteral(items);
    }

    private static boolean endsTuple(Token token) {
        return token.kind() == Token.Kind.BLOCK_END || token.kind() == Token.Kind.OUTPUT_END || token.isOperator(")");
    }

    /** What a loop goes over: without a condition, as {@code if} filters the loop there. */
    Expression parseWithoutCondition() {
        return or();
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        if (!tokens.peek().isName("not")) {
            return comparison();
        }
        tokens.next();
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand);
    }

    private Expression comparison() {
        Expression first = additive();
        List<Comparand> rest = new ArrayList<>();
        for (Optional<String> operator = comparisonOperator(); operator.isPresent(); operator = comparisonOperator()) {
            rest.add(new Comparand(operator.get(), additive()));
        }
        return rest.isEmpty() ? first : new Expression.Comparison(first, rest);
    }

    private Optional<String> comparisonOperator() {
        Token token = tokens.peek();
        if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
            return Optional.of(tokens.next().text());
        }
        if (tokens.skipName("in")) {
            return Optional.of("in");
        }
        if (token.isName("not") && tokens.peekSecond().isName("in")) {
            tokens.next();
            tokens.next();
            return Optional.of("not in");
        }
        return Optional.empty();
    }

    private Expression additive() {
        Expression left = concatenation();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = new Expression.Arithmetic(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = multiplicative();
        while (tokens.skipOperator("~")) {
            left = new Expression.Arithmetic("~", left, multiplicative());
        }
        return left;
    }

    private Expression multiplicative() {
        Expression left = power();
        while (tokens.peek().kind() == Token.Kind.OPERATOR
                && Set.of("*", "/", "//", "%").contains(tokens.peek().text())) {
            left = new Expression.Arithmetic(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expression.Arithmetic("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilters) {
        tokens.enter();
        Expression result;
        if (tokens.skipOperator("-")) {
            result = new Expression.Negate(unary(false));
        } else if (tokens.skipOperator("+")) {
            result = unary(false);
        } else {
            result = postfix(primary());
        }
        tokens.leave();
        return withFilters ? filtersAndTests(result) : result;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case STRING -> string(token.text());
            case INTEGER -> new Expression.Literal(integer(token.text()));
            case REAL -> new Expression.Literal(new Value.Real(Double.parseDouble(token.text())));
            case OPERATOR -> bracketed(token);
            default -> throw tokens.error("an expression is missing");
        };
    }

    private static Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(Value.of(true));
            case "false", "False" -> new Expression.Literal(Value.of(false));
            case "none", "None" -> new Expression.Literal(Value.None.VALUE);
            default -> new Expression.Name(name);
        };
    }

    private Expression string(String first) {
        StringBuilder text = new StringBuilder(first);
        while (tokens.peek().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return new Expression.Literal(Text.trusted(text.toString()));
    }

    private Value integer(String digits) {
        try {
            return Value.of(Long.parseLong(digits));
        } catch (NumberFormatException _) {
            throw tokens.error("a number is too large");
        }
    }

    private Expression bracketed(Token token) {
        return switch (token.text()) {
            case "(" -> {
                if (tokens.skipOperator(")")) {
                    yield new Expression.ListLiteral(List.of());
                }
                Expression inner = parseTuple();
                tokens.expectOperator(")");
                yield inner;
            }
            case "[" -> new Expression.ListLiteral(list());
            case "{" -> new Expression.DictLiteral(entries());
            default -> throw tokens.error("an expression is missing");
        };
    }

    private List<Expression> list() {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("]")) {
                    break;
                }
            }
            items.add(parse());
        }
        return items;
    }

    private List<Expression.Entry> entries() {
        List<Expression.Entry> entries = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            if (!entries.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("}")) {
                    break;
                }
            }
            Expression key = parse();
            tokens.expectOperator(":");
            entries.add(new Expression.Entry(key, parse()));
        }
        return entries;
    }

    private Expression postfix(Expression start) {
        Expression target = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                target = attribute(target);
            } else if (tokens.skipOperator("[")) {
                target = subscript(target);
            } else if (tokens.peek().isOperator("(")) {
                target = new Expression.Call(target, arguments());
            } else {
                return target;
            }
        }
    }

    private Expression attribute(Expression target) {
        if (tokens.peek().kind() == Token.Kind.INTEGER) {
            return new Expression.Subscript(target, new Expression.Literal(integer(tokens.next().text())));
        }
        return new Expression.Attribute(target, tokens.expectName());
    }

    private Expression subscript(Expression target) {
        Optional<Expression> from = sliceBound();
        if (!tokens.peek().isOperator(":")) {
            tokens.expectOperator("]");
            return new Expression.Subscript(target, from.orElseThrow(() -> tokens.error("an index is missing")));
        }
        tokens.expectOperator(":");
        Optional<Expression> to = sliceBound();
        Optional<Expression> step = tokens.skipOperator(":") ? sliceBound() : Optional.empty();
        tokens.expectOperator("]");
        return new Expression.Slice(target, from, to, step);
    }

    private Optional<Expression> sliceBound() {
        Token token = tokens.peek();
        return token.isOperator(":") || token.isOperator("]") ? Optional.empty() : Optional.of(parse());
    }

    private Expression filtersAndTests(Expression start) {
        Expression target = start;
        while (true) {
            if (tokens.skipOperator("|")) {
                target = new Expression.Filter(target, tokens.expectName(), optionalArguments());
            } else if (tokens.skipName("is")) {
                target = test(target);
            } else if (tokens.peek().isOperator("(")) {
                target = new Expression.Call(target, arguments());
            } else {
                return target;
            }
        }
    }

    private Expression test(Expression target) {
        boolean negated = tokens.skipName("not");
        String name = tokens.expectName();
        Expression test = new Expression.Test(target, name, testArguments());
        return negated ? new Expression.Not(test) : test;
    }

    /** A test takes its arguments in parentheses, or one alone: {@code is divisibleby 3}. */
    private ArgumentList testArguments() {
        Token token = tokens.peek();
        if (token.isOperator("(")) {
            return arguments();
        }
        boolean argument = switch (token.kind()) {
            case STRING, INTEGER, REAL -> true;
            case NAME -> !NO_TEST_ARGUMENT.contains(token.text());
            default -> token.isOperator("[") || token.isOperator("{");
        };
        return argument ? new ArgumentList(List.of(postfix(primary())), Map.of()) : ArgumentList.NONE;
    }

    ArgumentList optionalArguments() {
        return tokens.peek().isOperator("(") ? arguments() : ArgumentList.NONE;
    }

    private ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skipOperator(")")) {
            if (!positional.isEmpty() || !named.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            if (tokens.peek().kind() == Token.Kind.NAME && tokens.peekSecond().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, parse());
            } else {
                positional.add(parse());
            }
        }
        return new ArgumentList(positional, named);
    }
}
