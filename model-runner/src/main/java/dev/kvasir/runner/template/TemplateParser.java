package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Statement.Flow;
import dev.kvasir.runner.template.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses a template's statements. What it doesn't know it refuses, so that a template fails when it is loaded. */
final class TemplateParser {
    private static final int MAX_DEPTH = 100;

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int depth;
    private int loops;

    private TemplateParser(List<Token> tokens) {
        this.tokens = new TokenStream(tokens);
        this.expressions = new ExpressionParser(this.tokens);
    }

    static Statement parse(String source) {
        TemplateParser parser = new TemplateParser(Lexer.tokens(source));
        Statement body = parser.body(Set.of());
        if (!parser.tokens.peek().is(Kind.END)) {
            throw parser.tokens.unexpected("the end of the template");
        }
        return body;
    }

    /** Parses up to a tag of one of these names, whose name is the next token then. */
    private Statement body(Set<String> ends) {
        if (++depth > MAX_DEPTH) {
            throw new JinjaException("tags are nested more than " + MAX_DEPTH + " deep")
                    .at(tokens.peek().line());
        }
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.is(Kind.TEXT)) {
                tokens.next();
                statements.add(Statements.text(token.text()));
            } else if (token.is(Kind.EXPRESSION_BEGIN)) {
                tokens.next();
                statements.add(Statements.output(expressions.tuple()).at(token.line()));
                tokens.expect(Kind.EXPRESSION_END, "'}}'");
            } else if (token.is(Kind.STATEMENT_BEGIN)
                    && !ends.contains(tokens.peek(1).text())) {
                tokens.next();
                statements.add(statement().at(token.line()));
            } else {
                if (token.is(Kind.STATEMENT_BEGIN)) {
                    tokens.next();
                } else if (!ends.isEmpty()) {
                    throw tokens.unexpected("one of " + ends.stream().sorted().toList());
                }
                depth--;
                return Statements.block(statements);
            }
        }
    }

    private Statement statement() {
        Token name = tokens.next();
        return switch (name.text()) {
            case "if" -> branch();
            case "for" -> loop();
            case "set" -> set();
            case "with" -> with();
            case "macro" -> macro();
            case "call" -> call();
            case "filter" -> filter();
            case "generation" -> {
                // Marks what the model wrote, for training; it changes nothing.
                endTag();
                Statement body = body(Set.of("endgeneration"));
                tokens.next();
                endTag();
                yield body;
            }
            case "break" -> {
                checkInLoop(name);
                endTag();
                yield (scope, out) -> Flow.BREAK;
            }
            case "continue" -> {
                checkInLoop(name);
                endTag();
                yield (scope, out) -> Flow.CONTINUE;
            }
            default -> throw new JinjaException("the tag '" + name.text() + "' is not supported here").at(name.line());
        };
    }

    private void checkInLoop(Token tag) {
        if (loops == 0) {
            throw new JinjaException("'" + tag.text() + "' stands outside a loop").at(tag.line());
        }
    }

    private void endTag() {
        tokens.expect(Kind.STATEMENT_END, "'%}'");
    }

    private Statement branch() {
        Expression condition = expressions.tuple();
        endTag();
        Statement then = body(Set.of("elif", "else", "endif"));
        @Nullable Statement otherwise = null;
        Token end = tokens.next();
        if (end.isName("elif")) {
            otherwise = branch();
        } else {
            endTag();
            if (end.isName("else")) {
                otherwise = body(Set.of("endif"));
                tokens.next();
                endTag();
            }
        }
        return Statements.branch(condition, then, otherwise);
    }

    private Statement loop() {
        List<String> targets = targets();
        tokens.expectName("in");
        Expression source = loopSource();
        @Nullable Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        endTag();
        loops++;
        Statement body = body(Set.of("else", "endfor"));
        loops--;
        @Nullable Statement otherwise = null;
        if (tokens.next().isName("else")) {
            endTag();
            otherwise = body(Set.of("endfor"));
            tokens.next();
        }
        endTag();
        return new ForLoop(targets, source, filter, body, otherwise);
    }

    /** What a loop runs over has no {@code if} of its own: that one filters the loop. */
    private Expression loopSource() {
        Expression first = expressions.or();
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",")) {
            elements.add(expressions.or());
        }
        return scope ->
                elements.stream().map(element -> element.evaluate(scope)).toList();
    }

    private List<String> targets() {
        boolean parentheses = tokens.skipOperator("(");
        List<String> names = new ArrayList<>(List.of(tokens.name()));
        while (tokens.skipOperator(",")) {
            names.add(tokens.name());
        }
        if (parentheses) {
            tokens.expectOperator(")");
        }
        return names;
    }

    private Statement with() {
        Map<String, Expression> values = new LinkedHashMap<>();
        while (!tokens.peek().is(Kind.STATEMENT_END)) {
            String name = tokens.name();
            tokens.expectOperator("=");
            values.put(name, expressions.expression());
            if (!tokens.skipOperator(",")) {
                break;
            }
        }
        endTag();
        Statement body = body(Set.of("endwith"));
        tokens.next();
        endTag();
        return Statements.with(values, body);
    }

    private Statement set() {
        if (tokens.peek(1).isOperator(".")) {
            String namespace = tokens.name();
            tokens.next();
            String attribute = tokens.name();
            tokens.expectOperator("=");
            Expression value = expressions.tuple();
            endTag();
            return Statements.setAttribute(namespace, attribute, value);
        }
        List<String> names = targets();
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple();
            endTag();
            return Statements.set(names, value);
        }
        Expression filtered = filters(Statements.CAPTURED);
        endTag();
        Statement body = body(Set.of("endset"));
        tokens.next();
        endTag();
        return Statements.capture(names.get(0), body, filtered);
    }

    /** Parses {@code | a | b}. */
    private Expression filters(Expression input) {
        Expression value = input;
        while (tokens.skipOperator("|")) {
            value = expressions.filter(value);
        }
        return value;
    }

    private Statement filter() {
        Expression filtered = filters(expressions.filter(Statements.CAPTURED));
        endTag();
        Statement body = body(Set.of("endfilter"));
        tokens.next();
        endTag();
        return Statements.filtered(body, filtered);
    }

    private Statement macro() {
        String name = tokens.name();
        Macro.Signature signature = signature(name);
        endTag();
        Statement body = body(Set.of("endmacro"));
        tokens.next();
        endTag();
        return (scope, out) -> {
            scope.set(name, new Macro(signature, body, scope.root()));
            return Flow.NEXT;
        };
    }

    private Macro.Signature signature(String name) {
        List<String> parameters = new ArrayList<>();
        List<@Nullable Expression> defaults = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            parameters.add(tokens.name());
            defaults.add(tokens.skipOperator("=") ? expressions.expression() : null);
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Macro.Signature(name, parameters, defaults);
    }

    /** {@code {% call(x) f(..) %}..{% endcall %}}: the body is what {@code caller(x)} writes inside {@code f}. */
    private Statement call() {
        Macro.Signature signature = tokens.peek().isOperator("(")
                ? signature("caller")
                : new Macro.Signature("caller", List.of(), List.of());
        String name = tokens.name();
        ArgumentList arguments = expressions.arguments();
        endTag();
        Statement body = body(Set.of("endcall"));
        tokens.next();
        endTag();
        return (scope, out) -> {
            if (!(scope.get(name) instanceof Macro macro)) {
                throw new JinjaException("'" + name + "' is no macro");
            }
            out.append(macro.call(arguments.evaluate(scope), new Macro(signature, body, scope)));
            return Flow.NEXT;
        };
    }
}
