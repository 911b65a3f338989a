package dev.kvasir.runner.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables that are visible at a place of a running template: its own, then those of the scope around it. */
final class Scope {
    /** What one rendering may use up. */
    static final class Budget {
        private final int maxChars;
        private long steps;
        private int depth;

        Budget(long steps, int maxChars) {
            this.steps = steps;
            this.maxChars = maxChars;
        }

        /** Counts work: a statement, a turn of a loop, an element that is looked at. */
        void spend(long work) {
            steps -= work;
            if (steps < 0) {
                throw new JinjaException("the chat template takes too many steps");
            }
        }

        void checkLength(long chars) {
            if (chars > maxChars) {
                throw new JinjaException("the chat template makes more than " + maxChars + " characters");
            }
        }

        void enter() {
            if (++depth > 100) {
                throw new JinjaException("the chat template's macros call each other too deeply");
            }
        }

        void leave() {
            depth--;
        }
    }

    private final @Nullable Scope outer;
    private final Budget budget;
    private final Map<String, Object> variables = new HashMap<>();

    Scope(Budget budget) {
        this.outer = null;
        this.budget = budget;
    }

    private Scope(Scope outer) {
        this.outer = outer;
        this.budget = outer.budget;
    }

    Scope inner() {
        return new Scope(this);
    }

    Budget budget() {
        return budget;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    /** Returns the outermost scope: what macros see. */
    Scope root() {
        Scope scope = this;
        while (scope.outer != null) {
            scope = scope.outer;
        }
        return scope;
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return new Undefined("'" + name + "' is undefined");
    }
}
