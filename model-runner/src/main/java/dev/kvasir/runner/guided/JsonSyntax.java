package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * The parts of JSON that schemas are made of. White space is where people and models put it, and never much: one blank, or a line break with an
 * indentation of up to 16.
 */
final class JsonSyntax {
    private static final String SPACE = "( |\\n[ \\t]{0,16})?";
    /** Levels of a value of which a schema says nothing. */
    private static final int FREE_DEPTH = 16;

    private final Terminals terminals;
    private final Limits limits;

    JsonSyntax(Terminals terminals, Limits limits) {
        this.terminals = terminals;
        this.limits = limits;
    }

    /** Returns any string of so many characters. */
    Node string(int min, int max) throws GuideException {
        return Node.sequence(terminals.text("\"", limits), new StringTerminal(min, max));
    }

    Node literal(String json) throws GuideException {
        return terminals.text(json, limits);
    }

    /** Returns a member's key with what stands around it. {@code quoted} is the key as JSON has it, or the language of keys. */
    Node key(String name, Automaton quoted, boolean first) throws GuideException {
        return terminals.of("key " + first + " " + name, limits, () -> keyLanguage(quoted, first));
    }

    Node key(Automaton quoted, boolean first) throws GuideException {
        return terminals.of(keyLanguage(quoted, first), limits);
    }

    private Automaton keyLanguage(Automaton quoted, boolean first) throws GuideException {
        Automaton before = Languages.matched((first ? "" : ",") + SPACE, limits);
        return Operations.concatenate(List.of(before, quoted, Languages.matched(": ?", limits)));
    }

    /** Returns an object around its members. */
    Node object(Node members) throws GuideException {
        return Node.sequence(literal("{"), members, terminals.regex(SPACE + "\\}", limits));
    }

    /**
     * Returns an array: first the items of {@code prefix}, one each, then so many {@code item}s.
     *
     * @param min least number of all items
     * @param max most of all; {@link Integer#MAX_VALUE} for any number
     * @param item null if there are none behind the prefix
     */
    Node array(List<Node> prefix, @org.jspecify.annotations.Nullable Node item, int min, int max)
            throws GuideException {
        Node open = terminals.regex("\\[" + SPACE, limits);
        Node close = terminals.regex(SPACE + "\\]", limits);
        Node comma = terminals.regex("," + SPACE, limits);
        int fixed = Math.min(prefix.size(), max);
        // From the end: what may follow when i items are there.
        Node rest = Node.EMPTY;
        if (item != null && max > fixed) {
            int more = max == Integer.MAX_VALUE ? Integer.MAX_VALUE : max - fixed;
            Node next = Node.sequence(comma, item);
            if (fixed == 0) {
                Node others = new Node.Repeat(next, Math.max(0, min - 1), more == Integer.MAX_VALUE ? more : more - 1);
                rest = Node.sequence(item, others);
                if (min == 0) {
                    rest = Node.optional(rest);
                }
            } else {
                rest = new Node.Repeat(next, Math.max(0, min - fixed), more);
            }
        }
        for (int i = fixed - 1; i >= 0; i--) {
            List<Node> parts = new ArrayList<>();
            if (i > 0) {
                parts.add(comma);
            }
            parts.add(prefix.get(i));
            parts.add(rest);
            Node here = new Node.Sequence(parts);
            rest = i < min ? here : Node.optional(here);
        }
        return Node.sequence(open, rest, close);
    }

    /** Returns any value. */
    Node any() throws GuideException {
        Node value = scalar();
        for (int depth = 1; depth <= FREE_DEPTH; depth++) {
            value = new Node.Choice(List.of(scalar(), map(value), array(List.of(), value, 0, Integer.MAX_VALUE)));
        }
        return value;
    }

    /** Returns any object. */
    Node anyObject() throws GuideException {
        Node value = scalar();
        for (int depth = 1; depth < FREE_DEPTH; depth++) {
            value = new Node.Choice(List.of(scalar(), map(value), array(List.of(), value, 0, Integer.MAX_VALUE)));
        }
        return map(value);
    }

    /** Returns an object with any keys. */
    private Node map(Node value) throws GuideException {
        Node colon = terminals.regex(": ?", limits);
        Node member = Node.sequence(string(0, Integer.MAX_VALUE), colon, value);
        Node first = Node.sequence(terminals.regex(SPACE, limits), member);
        Node next = Node.sequence(terminals.regex("," + SPACE, limits), member);
        Node members = Node.sequence(first, new Node.Repeat(next, 0, Integer.MAX_VALUE));
        return object(Node.optional(members));
    }

    private Node scalar() throws GuideException {
        return new Node.Choice(
                List.of(string(0, Integer.MAX_VALUE), number(), terminals.regex("true|false|null", limits)));
    }

    Node number() throws GuideException {
        Numbers.Bounds free = new Numbers.Bounds(null, false, null, false, false, null);
        return terminals.of("number", limits, () -> Numbers.of(free, limits));
    }
}
