package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Statement.Flow;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The simple statements. */
final class Statements {
    /** What a block wrote, while filters are applied to it: a variable whose name no template can write. */
    static final Expression CAPTURED = scope -> scope.get("");

    private Statements() {}

    static Statement text(String text) {
        return (scope, out) -> write(text, scope, out);
    }

    static Statement output(Expression expression) {
        return (scope, out) -> write(Values.text(expression.evaluate(scope)), scope, out);
    }

    private static Flow write(String text, Scope scope, StringBuilder out) {
        scope.budget().checkLength(out.length() + (long) text.length());
        out.append(text);
        return Flow.NEXT;
    }

    static Statement block(List<Statement> statements) {
        Statement[] all = statements.toArray(new Statement[0]);
        return (scope, out) -> {
            for (Statement statement : all) {
                scope.budget().spend(1);
                Flow flow = statement.run(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    static Statement branch(Expression condition, Statement then, @Nullable Statement otherwise) {
        return (scope, out) -> {
            if (Values.isTrue(condition.evaluate(scope))) {
                return then.run(scope, out);
            }
            return otherwise == null ? Flow.NEXT : otherwise.run(scope, out);
        };
    }

    static Statement set(List<String> names, Expression value) {
        return (scope, out) -> {
            assign(scope, names, value.evaluate(scope));
            return Flow.NEXT;
        };
    }

    /** Assigns a value to a name, or its elements to several. */
    static void assign(Scope scope, List<String> names, Object value) {
        if (names.size() == 1) {
            scope.set(names.get(0), value);
            return;
        }
        List<Object> elements = Values.elements(value);
        if (elements.size() != names.size()) {
            throw new JinjaException(elements.size() + " values can't be assigned to " + names);
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), elements.get(i));
        }
    }

    /** Runs a block in a scope with further variables. */
    static Statement with(Map<String, Expression> values, Statement body) {
        return (scope, out) -> {
            Scope inner = scope.inner();
            values.forEach((name, value) -> inner.set(name, value.evaluate(scope)));
            return body.run(inner, out);
        };
    }

    static Statement setAttribute(String name, String attribute, Expression value) {
        return (scope, out) -> {
            if (!(scope.get(name) instanceof Attributes.Namespace namespace)) {
                throw new JinjaException("'" + name + "' is no namespace, so its attributes can't be set");
            }
            namespace.set(attribute, value.evaluate(scope));
            return Flow.NEXT;
        };
    }

    /** Assigns what a block writes, through filters over {@link #CAPTURED}. */
    static Statement capture(String name, Statement body, Expression filtered) {
        return (scope, out) -> {
            scope.set(name, captured(scope, body, filtered));
            return Flow.NEXT;
        };
    }

    static Statement filtered(Statement body, Expression filtered) {
        return (scope, out) -> write(Values.text(captured(scope, body, filtered)), scope, out);
    }

    private static Object captured(Scope scope, Statement body, Expression filtered) {
        StringBuilder written = new StringBuilder();
        body.run(scope.inner(), written);
        Scope filterScope = scope.inner();
        filterScope.set("", written.toString());
        return filtered.evaluate(filterScope);
    }
}
