package dev.kvasir.runner.template;

/** A part of a template that writes. */
@FunctionalInterface
interface Statement {
    /** What happens next: the statement behind, or the end of the innermost loop's turn, or of the loop. */
    enum Flow {
        NEXT,
        CONTINUE,
        BREAK
    }

    Flow run(Scope scope, StringBuilder out);

    /** Returns the same, whose failures say at which line they happened. */
    default Statement at(int line) {
        return (scope, out) -> {
            try {
                return run(scope, out);
            } catch (JinjaException e) {
                throw e.at(line);
            }
        };
    }
}
