package dev.kvasir.runner.guided;

import java.util.List;

/** A part of a grammar. Compared by identity; parts may be shared, so that a grammar is a graph. */
sealed interface Node permits Terminal, Node.Sequence, Node.Choice, Node.Repeat, Node.Rule {
    /** One after another; none is the empty text. */
    final class Sequence implements Node {
        final List<Node> parts;

        Sequence(List<? extends Node> parts) {
            this.parts = List.copyOf(parts);
        }
    }

    final class Choice implements Node {
        final List<Node> parts;

        Choice(List<? extends Node> parts) {
            this.parts = List.copyOf(parts);
        }
    }

    /** So many times. */
    final class Repeat implements Node {
        final Node part;
        final int min;
        final int max; // Integer.MAX_VALUE for any number

        Repeat(Node part, int min, int max) {
            this.part = part;
            this.min = min;
            this.max = max;
        }
    }

    /** A part that may contain itself. */
    final class Rule implements Node {
        final String name;
        private @org.jspecify.annotations.Nullable Node body;

        Rule(String name) {
            this.name = name;
        }

        /** Says what it is; to be called once, before anybody asks. */
        void define(Node what) {
            body = what;
        }

        Node body() {
            if (body == null) {
                throw new IllegalStateException("rule " + name + " is not defined");
            }
            return body;
        }
    }

    Node EMPTY = new Sequence(List.of());

    static Node sequence(Node... parts) {
        return new Sequence(List.of(parts));
    }

    static Node optional(Node part) {
        return new Repeat(part, 0, 1);
    }
}
