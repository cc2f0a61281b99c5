package org.barnraiser.coordinator.api.jinja;

import java.util.List;

/** The tokens that are left to parse. */
final class Tokens {
    /** Nesting of parsed structures; the parser is recursive, and the source is hostile. */
    private static final int MAX_DEPTH = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Token.Kind.END) {
            at++;
        }
        return token;
    }

    boolean skipOperator(String operator) {
        boolean found = peek().isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = peek().isName(name);
        if (found) {
            next();
        }
        return found;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw error("'" + operator + "' is missing");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw error("'" + name + "' is missing");
        }
    }

    String expectName() {
        return expect(Token.Kind.NAME, "a name").text();
    }

    Token expect(Token.Kind kind, String what) {
        if (peek().kind() != kind) {
            throw error(what + " is missing");
        }
        return next();
    }

    void enter() {
        if (++depth > MAX_DEPTH) {
            throw error("it is nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }

    TemplateException error(String problem) {
        return new TemplateException("the chat template is not valid in line " + peek().line() + ": " + problem);
    }
}
