package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions by recursive descent, one method per level of precedence, loosest first. */
final class ExpressionParser {
    private static final int MAX_DEPTH = 100;
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    /** Words that can't begin a test's argument. */
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "is", "if", "not", "in");

    private final TokenStream tokens;
    private int depth;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Parses {@code a, b, c}, which is a tuple, or a single expression. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && !endsTuple()) {
            elements.add(expression());
        }
        return list(elements);
    }

    private boolean endsTuple() {
        Token token = tokens.peek();
        return token.is(Kind.STATEMENT_END) || token.is(Kind.EXPRESSION_END) || token.isOperator(")");
    }

    Expression expression() {
        if (++depth > MAX_DEPTH) {
            throw new JinjaException("an expression is nested more than " + MAX_DEPTH + " deep")
                    .at(tokens.peek().line());
        }
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression then = value;
            Expression condition = or();
            Expression otherwise = tokens.skipName("else")
                    ? expression()
                    : scope -> new Undefined("an if without else was false and has no value");
            value = scope ->
                    Values.isTrue(condition.evaluate(scope)) ? then.evaluate(scope) : otherwise.evaluate(scope);
        }
        depth--;
        return value;
    }

    /** Parses an expression that isn't followed by its own {@code if}: what a loop runs over. */
    Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            Expression a = left;
            Expression b = and();
            left = scope -> {
                Object value = a.evaluate(scope);
                return Values.isTrue(value) ? value : b.evaluate(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            Expression a = left;
            Expression b = not();
            left = scope -> {
                Object value = a.evaluate(scope);
                return Values.isTrue(value) ? b.evaluate(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        int nots = 0;
        while (tokens.skipName("not")) {
            nots++;
        }
        Expression operand = comparison();
        boolean wanted = nots % 2 == 0;
        return nots == 0 ? operand : scope -> Values.isTrue(operand.evaluate(scope)) == wanted;
    }

    /** {@code a < b <= c} holds if each pair does. */
    private Expression comparison() {
        Expression left = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>(List.of(left));
        while (true) {
            Token token = tokens.peek();
            if (token.isName("in") || (token.is(Kind.OPERATOR) && COMPARISONS.contains(token.text()))) {
                tokens.next();
                operators.add(token.text());
            } else if (token.isName("not") && tokens.peek(1).isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        if (operators.isEmpty()) {
            return left;
        }
        return scope -> {
            Object a = operands.get(0).evaluate(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object b = operands.get(i + 1).evaluate(scope);
                if (!Operators.compare(operators.get(i), a, b)) {
                    return false;
                }
                a = b;
            }
            return true;
        };
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = binary(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.skipOperator("~")) {
            left = binary("~", left, product());
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (true) {
            Token token = tokens.peek();
            if (!token.isOperator("*") && !token.isOperator("/") && !token.isOperator("//") && !token.isOperator("%")) {
                return left;
            }
            tokens.next();
            left = binary(token.text(), left, power());
        }
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = binary("**", left, unary(true));
        }
        return left;
    }

    private static Expression binary(String operator, Expression left, Expression right) {
        return scope -> Operators.binary(operator, left.evaluate(scope), right.evaluate(scope), scope.budget());
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.peek().isOperator("-") || tokens.peek().isOperator("+")) {
            boolean minus = tokens.next().text().equals("-");
            if (++depth > MAX_DEPTH) {
                throw tokens.unexpected("fewer signs");
            }
            Expression operand = unary(false);
            depth--;
            value = scope -> Operators.signed(minus, operand.evaluate(scope));
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filters(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        switch (token.kind()) {
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().is(Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                return constant(text.toString());
            }
            case INTEGER, FLOAT -> {
                return constant(number(token));
            }
            case NAME -> {
                return switch (token.text()) {
                    case "true", "True" -> constant(true);
                    case "false", "False" -> constant(false);
                    case "none", "None" -> constant(None.NONE);
                    default -> scope -> scope.get(token.text());
                };
            }
            case OPERATOR -> {
                if (token.text().equals("(")) {
                    if (tokens.skipOperator(")")) {
                        return list(List.of());
                    }
                    Expression inner = tuple();
                    tokens.expectOperator(")");
                    return inner;
                }
                if (token.text().equals("[")) {
                    return list(elements("]"));
                }
                if (token.text().equals("{")) {
                    return dict();
                }
            }
            default -> {}
        }
        throw new JinjaException("expected a value, but there is '" + token.text() + "'").at(token.line());
    }

    private static Object number(Token token) {
        try {
            return token.is(Kind.FLOAT) ? (Object) Double.valueOf(token.text()) : (Object) Long.valueOf(token.text());
        } catch (NumberFormatException e) {
            throw new JinjaException("'" + token.text() + "' is no number that fits").at(token.line());
        }
    }

    private static Expression constant(Object value) {
        return scope -> value;
    }

    private static Expression list(List<Expression> elements) {
        return scope -> {
            List<Object> values = new ArrayList<>(elements.size());
            elements.forEach(element -> values.add(element.evaluate(scope)));
            return values;
        };
    }

    private List<Expression> elements(String closing) {
        List<Expression> elements = new ArrayList<>();
        while (!tokens.skipOperator(closing)) {
            elements.add(expression());
            if (!tokens.peek().isOperator(closing)) {
                tokens.expectOperator(",");
            }
        }
        return elements;
    }

    private Expression dict() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            entries.put(key, expression());
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return scope -> {
            Map<Object, Object> values = new LinkedHashMap<>();
            entries.forEach((key, value) -> values.put(key.evaluate(scope), value.evaluate(scope)));
            return values;
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression base = value;
            if (tokens.skipOperator(".")) {
                Token name = tokens.next();
                if (name.is(Kind.INTEGER)) {
                    Object index = number(name);
                    value = scope -> Access.item(base.evaluate(scope), index);
                } else if (name.is(Kind.NAME)) {
                    value = scope -> Access.attribute(base.evaluate(scope), name.text());
                } else {
                    throw new JinjaException("expected a name behind '.'").at(name.line());
                }
            } else if (tokens.skipOperator("[")) {
                value = subscript(base);
            } else if (tokens.peek().isOperator("(")) {
                value = call(base);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression base) {
        @Nullable Expression[] bounds = new @Nullable Expression[3]; // start, stop, step
        int colons = 0;
        while (!tokens.skipOperator("]")) {
            if (tokens.skipOperator(":")) {
                if (++colons > 2) {
                    throw tokens.unexpected("']'");
                }
            } else if (bounds[colons] == null) {
                bounds[colons] = expression();
            } else {
                throw tokens.unexpected("']'");
            }
        }
        @Nullable Expression index = bounds[0];
        if (colons > 0) {
            return scope -> Access.slice(
                    base.evaluate(scope),
                    bound(bounds[0], scope),
                    bound(bounds[1], scope),
                    bound(bounds[2], scope),
                    scope.budget());
        }
        if (index == null) {
            throw tokens.unexpected("an index");
        }
        return scope -> Access.item(base.evaluate(scope), index.evaluate(scope));
    }

    private static Object bound(@Nullable Expression expression, Scope scope) {
        return expression == null ? None.NONE : expression.evaluate(scope);
    }

    private Expression call(Expression function) {
        ArgumentList arguments = arguments();
        return scope -> {
            scope.budget().spend(1);
            Object value = function.evaluate(scope);
            if (value instanceof Undefined undefined) {
                throw undefined.error();
            }
            if (!(value instanceof Callable callable)) {
                throw new JinjaException("'" + Values.typeName(value) + "' can't be called");
            }
            return callable.call(arguments.evaluate(scope));
        };
    }

    /** Parses {@code (a, b, name=c)}. */
    ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skipOperator(")")) {
            if (tokens.peek().is(Kind.NAME) && tokens.peek(1).isOperator("=")) {
                String name = tokens.name();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
            } else {
                throw tokens.unexpected("a named argument");
            }
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new ArgumentList(positional, named);
    }

    private Expression filters(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator("|")) {
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.peek().isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /** Parses a filter's name and arguments behind {@code |}. */
    Expression filter(Expression input) {
        String name = tokens.name();
        ArgumentList arguments = tokens.peek().isOperator("(") ? arguments() : ArgumentList.EMPTY;
        return scope -> {
            scope.budget().spend(1);
            return Filters.apply(name, input.evaluate(scope), arguments.evaluate(scope));
        };
    }

    private Expression test(Expression input) {
        boolean wanted = !tokens.skipName("not");
        String name = tokens.name();
        ArgumentList arguments = ArgumentList.EMPTY;
        Token token = tokens.peek();
        if (token.isOperator("(")) {
            arguments = arguments();
        } else if (token.is(Kind.STRING)
                || token.is(Kind.INTEGER)
                || token.is(Kind.FLOAT)
                || token.isOperator("[")
                || token.isOperator("{")
                || (token.is(Kind.NAME) && !AFTER_TEST.contains(token.text()))) {
            arguments = new ArgumentList(List.of(postfix(primary())), Map.of());
        }
        ArgumentList written = arguments;
        return scope -> Checks.holds(name, input.evaluate(scope), written.evaluate(scope)) == wanted;
    }
}
