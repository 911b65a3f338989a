package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Cuts from a grammar the parts that no finite text fulfils, such as an object that must contain itself, so that whatever has been read can be completed; and
 * refuses rules that begin with themselves, which could be entered for ever.
 */
final class Pruning {
    private final Limits limits;
    private final Set<Node> finite = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Node> nullable = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Node, Node> pruned = new IdentityHashMap<>();
    private final List<Node> all = new ArrayList<>();

    private Pruning(Limits limits) {
        this.limits = limits;
    }

    static Node pruned(Node grammar, Limits limits) throws GuideException {
        Pruning pruning = new Pruning(limits);
        pruning.gather(grammar);
        pruning.findFinite();
        if (!pruning.finite.contains(grammar)) {
            throw new GuideException("nothing finite fulfils it: a part of it must contain itself");
        }
        Set<Node> done = new HashSet<>();
        for (int i = pruning.all.size() - 1; i >= 0; i--) {
            pruning.checkFirst(pruning.all.get(i), new HashSet<>(), done);
        }
        return pruning.finite.size() == pruning.all.size() ? grammar : pruning.prune(grammar);
    }

    private void gather(Node from) throws GuideException {
        Set<Node> seen = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        List<Node> todo = new ArrayList<>(List.of(from));
        while (!todo.isEmpty()) {
            Node node = todo.remove(todo.size() - 1);
            if (seen.add(node)) {
                limits.piece();
                all.add(node);
                todo.addAll(parts(node));
            }
        }
    }

    private static List<Node> parts(Node node) {
        if (node instanceof Node.Sequence sequence) {
            return sequence.parts;
        } else if (node instanceof Node.Choice choice) {
            return choice.parts;
        } else if (node instanceof Node.Repeat repeat) {
            return List.of(repeat.part);
        } else if (node instanceof Node.Rule rule) {
            return List.of(rule.body());
        }
        return List.of();
    }

    private void findFinite() throws GuideException {
        // Until nothing changes: at most as many rounds as rules are nested.
        boolean changed = true;
        while (changed) {
            limits.states(0);
            changed = false;
            for (int i = all.size() - 1; i >= 0; i--) {
                Node node = all.get(i);
                if (!finite.contains(node) && isFinite(node)) {
                    finite.add(node);
                    changed = true;
                }
                if (!nullable.contains(node) && isNullable(node)) {
                    nullable.add(node);
                    changed = true;
                }
            }
        }
    }

    private boolean isFinite(Node node) {
        if (node instanceof Node.Choice) {
            return parts(node).stream().anyMatch(finite::contains);
        } else if (node instanceof Node.Repeat repeat) {
            return repeat.min == 0 || finite.contains(repeat.part);
        }
        return finite.containsAll(parts(node));
    }

    private boolean isNullable(Node node) {
        if (node instanceof DfaTerminal terminal) {
            return terminal.dfa.isAccepting(0);
        } else if (node instanceof Terminal) {
            return false;
        } else if (node instanceof Node.Choice) {
            return parts(node).stream().anyMatch(nullable::contains);
        } else if (node instanceof Node.Repeat repeat) {
            return repeat.min == 0 || nullable.contains(repeat.part);
        }
        return nullable.containsAll(parts(node));
    }

    private void checkFirst(Node node, Set<Node> above, Set<Node> done) throws GuideException {
        if (done.contains(node)) {
            return;
        }
        if (!above.add(node)) {
            String name = node instanceof Node.Rule rule ? " " + SchemaReader.shown(rule.name) : "";
            throw new GuideException("the rule" + name + " begins with itself");
        }
        for (Node part : parts(node)) {
            checkFirst(part, above, done);
            if (node instanceof Node.Sequence && !nullable.contains(part)) {
                break;
            }
        }
        above.remove(node);
        done.add(node);
    }

    private Node prune(Node node) {
        Node known = pruned.get(node);
        if (known != null) {
            return known;
        }
        if (node instanceof Node.Rule rule) {
            Node.Rule copy = new Node.Rule(rule.name);
            pruned.put(node, copy);
            copy.define(prune(rule.body()));
            return copy;
        }
        Node result = node;
        if (node instanceof Node.Sequence sequence) {
            result = new Node.Sequence(sequence.parts.stream().map(this::prune).toList());
        } else if (node instanceof Node.Choice choice) {
            result = new Node.Choice(choice.parts.stream()
                    .filter(finite::contains)
                    .map(this::prune)
                    .toList());
        } else if (node instanceof Node.Repeat repeat) {
            result = finite.contains(repeat.part)
                    ? new Node.Repeat(prune(repeat.part), repeat.min, repeat.max)
                    : Node.EMPTY;
        }
        pruned.put(node, result);
        return result;
    }
}
