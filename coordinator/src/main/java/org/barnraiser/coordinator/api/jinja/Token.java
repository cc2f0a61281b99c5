package org.barnraiser.coordinator.api.jinja;

/** A piece of a template's source. */
record Token(Kind kind, String text, int line) {

    enum Kind {
        /** Text outside of all braces. */
        DATA,
        /** A statement begins or ends. */
        BLOCK_BEGIN,
        BLOCK_END,
        /** An output expression begins or ends. */
        OUTPUT_BEGIN,
        OUTPUT_END,
        NAME,
        STRING,
        INTEGER,
        REAL,
        OPERATOR,
        END
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }
}
