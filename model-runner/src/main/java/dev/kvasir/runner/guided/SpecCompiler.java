package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes a grammar of the tree of pieces that {@link dev.kvasir.runner.GuideSpec} describes. */
final class SpecCompiler {
    private static final int MOST_CHOICES = 10_000;

    private final Terminals terminals;
    private final Map<String, Integer> control; // special tokens by their text
    private final Limits limits;

    SpecCompiler(Terminals terminals, Map<String, Integer> control, Limits limits) {
        this.terminals = terminals;
        this.control = control;
        this.limits = limits;
    }

    Node compile(JsonNode spec) throws GuideException {
        return Pruning.pruned(piece(spec, 0), limits);
    }

    private Node piece(JsonNode spec, int depth) throws GuideException {
        Limits.depth(depth);
        limits.piece();
        if (spec.has("schema")) {
            return SchemaCompiler.compile(spec.get("schema"), terminals, limits);
        } else if (spec.has("json")) {
            return new JsonSyntax(terminals, limits).anyObject();
        } else if (spec.has("regex")) {
            return terminals.regex(spec.get("regex").asText(), limits);
        } else if (spec.has("choice")) {
            return choice(spec.get("choice"));
        } else if (spec.has("grammar")) {
            return EbnfCompiler.compile(spec.get("grammar").asText(), terminals, limits);
        } else if (spec.has("text")) {
            return terminals.text(spec.get("text").asText(), limits);
        } else if (spec.has("control")) {
            String text = spec.get("control").asText();
            Integer token = control.get(text);
            return token == null ? terminals.text(text, limits) : new TokenTerminal(token);
        } else if (spec.has("until")) {
            return terminals.until(spec.get("until").asText(), limits);
        } else if (spec.has("any")) {
            return terminals.without(null, limits);
        } else if (spec.has("without")) {
            return terminals.without(spec.get("without").asText(), limits);
        } else if (spec.has("sequence")) {
            return new Node.Sequence(pieces(spec.get("sequence"), depth));
        } else if (spec.has("oneOf")) {
            return new Node.Choice(pieces(spec.get("oneOf"), depth));
        } else if (spec.has("repeat")) {
            int max = spec.path("max").asInt(-1);
            return new Node.Repeat(
                    piece(spec.get("repeat"), depth + 1), spec.path("min").asInt(0), max < 0 ? Integer.MAX_VALUE : max);
        }
        throw new GuideException("a piece of a guide is of no known kind");
    }

    private List<Node> pieces(JsonNode specs, int depth) throws GuideException {
        List<Node> nodes = new ArrayList<>();
        for (JsonNode spec : specs) {
            nodes.add(piece(spec, depth + 1));
        }
        return nodes;
    }

    private Node choice(JsonNode texts) throws GuideException {
        Set<String> choices = new LinkedHashSet<>();
        long characters = 0;
        for (JsonNode text : texts) {
            choices.add(text.asText());
            characters += text.asText().length();
        }
        if (choices.size() > MOST_CHOICES || characters > 4L * Limits.POSITIONS) {
            throw new GuideException("there are " + choices.size() + " choices of " + characters
                    + " characters together, and the most are " + MOST_CHOICES + " of " + 4 * Limits.POSITIONS);
        }
        return terminals.of("choice " + choices, limits, () -> Languages.oneOf(choices, limits));
    }
}
