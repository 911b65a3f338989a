package dev.kvasir.runner.template;

/**
 * A word of a template.
 *
 * @param text the word; for {@link Kind#TEXT} and {@link Kind#STRING} what it stands for
 * @param line where it stands, from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        /** Text between tags, written as it is. */
        TEXT,
        /** The opening of a statement or of an expression, with what closes it. */
        STATEMENT_BEGIN,
        STATEMENT_END,
        EXPRESSION_BEGIN,
        EXPRESSION_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        /** The template's end. */
        END
    }

    boolean is(Kind wanted) {
        return kind == wanted;
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }
}
