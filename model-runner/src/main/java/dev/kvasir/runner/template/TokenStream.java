package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Token.Kind;
import java.util.List;

/** The tokens of a template, read one after the other by both parsers. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    Token next() {
        Token token = tokens.get(at);
        if (!token.is(Kind.END)) {
            at++;
        }
        return token;
    }

    boolean skipOperator(String operator) {
        if (peek().isOperator(operator)) {
            at++;
            return true;
        }
        return false;
    }

    boolean skipName(String name) {
        if (peek().isName(name)) {
            at++;
            return true;
        }
        return false;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    String name() {
        if (!peek().is(Kind.NAME)) {
            throw unexpected("a name");
        }
        return next().text();
    }

    void expect(Kind kind, String what) {
        if (!peek().is(kind)) {
            throw unexpected(what);
        }
        at++;
    }

    JinjaException unexpected(String wanted) {
        return new JinjaException("expected " + wanted + ", but there is '" + peek().text() + "'").at(peek().line());
    }
}
