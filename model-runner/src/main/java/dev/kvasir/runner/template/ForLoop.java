package dev.kvasir.runner.template;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loop. Each turn has a scope of its own: what it sets is gone in the next.
 *
 * @param targets names that an element, or its parts, are assigned to
 * @param filter which elements are looped over; the others don't count
 * @param otherwise what runs if there are none
 */
record ForLoop(
        List<String> targets,
        Expression source,
        @Nullable Expression filter,
        Statement body,
        @Nullable Statement otherwise)
        implements Statement {
    @Override
    public Flow run(Scope scope, StringBuilder out) {
        List<Object> elements = elements(scope);
        if (elements.isEmpty()) {
            return otherwise == null ? Flow.NEXT : otherwise.run(scope, out);
        }
        for (int i = 0; i < elements.size(); i++) {
            scope.budget().spend(1);
            Scope turn = scope.inner();
            turn.set("loop", loop(elements, i));
            Statements.assign(turn, targets, elements.get(i));
            if (body.run(turn, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private List<Object> elements(Scope scope) {
        List<Object> all = Values.elements(source.evaluate(scope));
        if (filter == null) {
            return all;
        }
        List<Object> picked = new ArrayList<>();
        for (Object element : all) {
            scope.budget().spend(1);
            Scope turn = scope.inner();
            Statements.assign(turn, targets, element);
            if (Values.isTrue(filter.evaluate(turn))) {
                picked.add(element);
            }
        }
        return picked;
    }

    /** The variable {@code loop}, computed when it is asked: most turns of most loops don't. */
    private static Attributes loop(List<Object> elements, int index) {
        int length = elements.size();
        return name -> switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) length - index;
            case "revindex0" -> length - index - 1L;
            case "first" -> index == 0;
            case "last" -> index == length - 1;
            case "length" -> (long) length;
            case "previtem" -> index > 0 ? elements.get(index - 1) : null;
            case "nextitem" -> index < length - 1 ? elements.get(index + 1) : null;
            case "cycle" ->
                (Callable) arguments -> {
                    if (arguments.positional().isEmpty()) {
                        throw new JinjaException("cycle has nothing to choose from");
                    }
                    return arguments
                            .positional()
                            .get(index % arguments.positional().size());
                };
            default -> null;
        };
    }
}
