package org.barnraiser.coordinator.api.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Parses statements. */
final class TemplateParser {
    private static final Set<String> IF_ENDS = Set.of("elif", "else", "endif");
    private static final Set<String> FOR_ENDS = Set.of("else", "endfor");

    private final Tokens tokens;
    private final ExpressionParser expressions;

    private TemplateParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(String source) {
        TemplateParser parser = new TemplateParser(new Tokens(Lexer.tokens(source)));
        return parser.body(Set.of());
    }

    /** Statements up to a tag of one of these names, whose beginning is consumed, or else to the end of the source. */
    private List<Statement> body(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (!atEnd(ends)) {
            statements.add(statement());
        }
        tokens.leave();
        return statements;
    }

    private boolean atEnd(Set<String> ends) {
        if (tokens.peek().kind() == Token.Kind.END) {
            if (!ends.isEmpty()) {
                throw tokens.error("a block is not closed");
            }
            return true;
        }
        if (tokens.peek().kind() != Token.Kind.BLOCK_BEGIN || !ends.contains(tokens.peekSecond().text())) {
            return false;
        }
        tokens.next();
        return true;
    }

    private Statement statement() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case DATA -> new Statement.Data(Text.trusted(token.text()));
            case OUTPUT_BEGIN -> {
                Expression expression = expressions.parseTuple();
                tokens.expect(Token.Kind.OUTPUT_END, "'}}'");
                yield new Statement.Output(expression);
            }
            case BLOCK_BEGIN -> block(tokens.expectName());
            default -> throw tokens.error("a tag is missing");
        };
    }

    private Statement block(String name) {
        return switch (name) {
            case "if" -> ifStatement();
            case "for" -> forStatement();
            case "set" -> setStatement();
            case "macro" -> macro();
            case "filter" -> filterBlock();
            case "generation" -> {
                endTag();
                yield new Statement.Group(bodyUntil("endgeneration"));
            }
            case "break" -> {
                endTag();
                yield new Statement.Break();
            }
            case "continue" -> {
                endTag();
                yield new Statement.Continue();
            }
            default -> throw tokens.error("the statement '" + name + "' is not supported");
        };
    }

    private void endTag() {
        tokens.expect(Token.Kind.BLOCK_END, "'%}'");
    }

    private List<Statement> bodyUntil(String end) {
        List<Statement> body = body(Set.of(end));
        tokens.expectName(end);
        endTag();
        return body;
    }

    private Statement ifStatement() {
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        String tag = "elif";
        while (!tag.equals("endif")) {
            if (tag.equals("elif")) {
                Expression condition = expressions.parseTuple();
                endTag();
                branches.add(new Statement.Branch(condition, body(IF_ENDS)));
            } else {
                endTag();
                otherwise = body(Set.of("endif"));
            }
            tag = tokens.expectName();
        }
        endTag();
        return new Statement.If(branches, otherwise);
    }

    private Statement forStatement() {
        List<String> targets = targets();
        tokens.expectName("in");
        Expression iterable = expressions.parseWithoutCondition();
        Optional<Expression> filter = tokens.skipName("if") ? Optional.of(expressions.parse()) : Optional.empty();
        endTag();
        List<Statement> body = body(FOR_ENDS);
        List<Statement> otherwise = List.of();
        if (tokens.skipName("else")) {
            endTag();
            otherwise = bodyUntil("endfor");
        } else {
            tokens.expectName("endfor");
            endTag();
        }
        return new Statement.For(targets, iterable, filter, body, otherwise);
    }

    /** Names with commas between them, in parentheses or not. */
    private List<String> targets() {
        boolean parenthesized = tokens.skipOperator("(");
        List<String> names = new ArrayList<>();
        do {
            names.add(tokens.expectName());
        } while (tokens.skipOperator(","));
        if (parenthesized) {
            tokens.expectOperator(")");
        }
        return names;
    }

    private Statement setStatement() {
        List<String> targets = targets();
        if (targets.size() == 1 && tokens.skipOperator(".")) {
            String attribute = tokens.expectName();
            tokens.expectOperator("=");
            Expression value = expressions.parseTuple();
            endTag();
            return new Statement.SetAttribute(targets.getFirst(), attribute, value);
        }
        if (targets.size() == 1 && tokens.peek().kind() == Token.Kind.BLOCK_END) {
            endTag();
            return new Statement.SetBlock(targets.getFirst(), bodyUntil("endset"));
        }
        tokens.expectOperator("=");
        Expression value = expressions.parseTuple();
        endTag();
        return new Statement.Set(targets, value);
    }

    private Statement macro() {
        String name = tokens.expectName();
        tokens.expectOperator("(");
        List<Statement.Parameter> parameters = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String parameter = tokens.expectName();
            Optional<Expression> defaultValue = tokens.skipOperator("=")
                    ? Optional.of(expressions.parse())
                    : Optional.empty();
            parameters.add(new Statement.Parameter(parameter, defaultValue));
        }
        endTag();
        return new Statement.Macro(name, parameters, bodyUntil("endmacro"));
    }

    private Statement filterBlock() {
        String name = tokens.expectName();
        Expression.ArgumentList arguments = expressions.optionalArguments();
        endTag();
        return new Statement.FilterBlock(name, arguments, bodyUntil("endfilter"));
    }
}
