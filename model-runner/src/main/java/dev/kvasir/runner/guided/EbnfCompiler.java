package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Makes a grammar of EBNF rules. What is regular and small becomes one automaton, since a mask over one automaton is cheaper than one over many parts.
 */
final class EbnfCompiler {
    private static final int SMALL = 2_000; // positions
    private static final long RECURSIVE = Integer.MAX_VALUE;

    private final Map<String, Pattern> rules;
    private final Terminals terminals;
    private final Limits limits;
    private final Map<String, Long> sizes = new HashMap<>(); // by rule
    private final Set<String> measuring = new HashSet<>();
    private final Map<String, Node.Rule> made = new HashMap<>();

    private EbnfCompiler(Map<String, Pattern> rules, Terminals terminals, Limits limits) {
        this.rules = rules;
        this.terminals = terminals;
        this.limits = limits;
    }

    static Node compile(String grammar, Terminals terminals, Limits limits) throws GuideException {
        EbnfCompiler compiler = new EbnfCompiler(EbnfParser.parse(grammar, limits), terminals, limits);
        return compiler.rule("root");
    }

    private Pattern body(String rule) {
        return Objects.requireNonNull(rules.get(rule), rule);
    }

    private Node.Rule rule(String name) throws GuideException {
        Node.Rule rule = made.get(name);
        if (rule == null) {
            rule = new Node.Rule(name);
            made.put(name, rule);
            rule.define(node(body(name)));
        }
        return rule;
    }

    private Node node(Pattern pattern) throws GuideException {
        limits.piece();
        if (size(pattern) <= SMALL) {
            try {
                return terminals.of(Languages.of(expanded(pattern), limits), limits);
            } catch (GuideException e) {
                // Too many states, or none; what it consists of may do.
            }
        }
        if (pattern instanceof Pattern.Rule rule) {
            return rule(rule.name());
        } else if (pattern instanceof Pattern.Sequence sequence) {
            return new Node.Sequence(nodes(sequence.parts()));
        } else if (pattern instanceof Pattern.Choice choice) {
            return new Node.Choice(nodes(choice.parts()));
        } else if (pattern instanceof Pattern.Repeat repeat) {
            return new Node.Repeat(
                    node(repeat.part()), repeat.min(), repeat.max() < 0 ? Integer.MAX_VALUE : repeat.max());
        }
        return terminals.of(Languages.of(pattern, limits), limits);
    }

    private List<Node> nodes(List<Pattern> parts) throws GuideException {
        List<Node> nodes = new ArrayList<>();
        for (Pattern part : parts) {
            nodes.add(node(part));
        }
        return nodes;
    }

    /** Returns how many positions a pattern has with all rules and repetitions written out; {@link #RECURSIVE} for very many, or without end. */
    private long size(Pattern pattern) {
        long size = 0;
        if (pattern instanceof Pattern.Rule rule) {
            return size(rule.name());
        } else if (pattern instanceof Pattern.Sequence sequence) {
            for (Pattern part : sequence.parts()) {
                size += size(part);
            }
        } else if (pattern instanceof Pattern.Choice choice) {
            for (Pattern part : choice.parts()) {
                size += size(part);
            }
        } else if (pattern instanceof Pattern.Repeat repeat) {
            size = Math.max(1, size(repeat.part())) * Math.max(1, Math.max(repeat.min(), repeat.max()));
        } else {
            size = Languages.positions(pattern);
        }
        return Math.min(size, RECURSIVE);
    }

    private long size(String rule) {
        Long known = sizes.get(rule);
        if (known != null) {
            return known;
        }
        if (!measuring.add(rule)) {
            return RECURSIVE;
        }
        long size = size(body(rule));
        measuring.remove(rule);
        sizes.put(rule, size);
        return size;
    }

    private Pattern expanded(Pattern pattern) {
        if (pattern instanceof Pattern.Rule rule) {
            return expanded(body(rule.name()));
        } else if (pattern instanceof Pattern.Sequence sequence) {
            return new Pattern.Sequence(
                    sequence.parts().stream().map(this::expanded).toList());
        } else if (pattern instanceof Pattern.Choice choice) {
            return new Pattern.Choice(
                    choice.parts().stream().map(this::expanded).toList());
        } else if (pattern instanceof Pattern.Repeat repeat) {
            return new Pattern.Repeat(expanded(repeat.part()), repeat.min(), repeat.max());
        }
        return pattern;
    }
}
