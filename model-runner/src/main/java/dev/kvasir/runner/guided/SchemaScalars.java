package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.Guides.GuideException;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.lucene.util.automaton.Automaton;
import org.jspecify.annotations.Nullable;

/** Values of one piece: strings, numbers and enumerations. */
final class SchemaScalars {
    /** Longest string with a pattern; its characters are states. */
    private static final int PATTERN_CHARACTERS = 1_000;

    private static final Set<String> BESIDE_ENUM = Set.of("enum", "const", "type");

    private final Terminals terminals;
    private final JsonSyntax json;
    private final Limits limits;

    SchemaScalars(Terminals terminals, JsonSyntax json, Limits limits) {
        this.terminals = terminals;
        this.json = json;
        this.limits = limits;
    }

    Node string(SchemaReader schema) throws GuideException {
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Integer.MAX_VALUE);
        if (min > max) {
            throw schema.wrong("minLength", "asks for more characters than there may be");
        }
        String format = formatRegex(schema);
        if (schema.text("pattern") == null && format == null) {
            return json.string(min, max);
        }
        String key = "string " + min + " " + max + " " + format + " " + schema.text("pattern");
        return terminals.of(key, limits, () -> Languages.quoted(texts(schema), limits));
    }

    private static @Nullable String formatRegex(SchemaReader schema) throws GuideException {
        String format = schema.text("format");
        return format == null ? null : Formats.regex(format);
    }

    /** Returns the strings of a schema, as they are before JSON quotes them. */
    Automaton texts(SchemaReader schema) throws GuideException {
        int min = schema.count("minLength", 0);
        int max = schema.count("maxLength", Integer.MAX_VALUE);
        Automaton language = null;
        String pattern = schema.text("pattern");
        if (pattern != null) {
            language = Languages.found(pattern, limits);
        }
        String format = formatRegex(schema);
        if (format != null) {
            Automaton formatted = Languages.matched(format, limits);
            language = language == null ? formatted : Languages.intersection(language, formatted, limits);
        }
        if (language == null || min > 0 || max < Integer.MAX_VALUE) {
            if (Math.max(min, max == Integer.MAX_VALUE ? 0 : max) > PATTERN_CHARACTERS) {
                throw schema.wrong(
                        max == Integer.MAX_VALUE ? "minLength" : "maxLength",
                        "may be at most " + PATTERN_CHARACTERS + " beside 'pattern' or 'format'");
            }
            Automaton sized = Languages.anyText(min, max == Integer.MAX_VALUE ? -1 : max);
            language = language == null ? sized : Languages.intersection(language, sized, limits);
        }
        return language;
    }

    Node number(SchemaReader schema, boolean integer) throws GuideException {
        BigDecimal low = schema.number("minimum");
        BigDecimal high = schema.number("maximum");
        BigDecimal aboveLow = schema.number("exclusiveMinimum");
        BigDecimal belowHigh = schema.number("exclusiveMaximum");
        boolean openLow = aboveLow != null && (low == null || aboveLow.compareTo(low) >= 0);
        boolean openHigh = belowHigh != null && (high == null || belowHigh.compareTo(high) <= 0);
        BigDecimal step = schema.number("multipleOf");
        if (step != null && step.signum() <= 0) {
            throw schema.wrong("multipleOf", "must be more than 0");
        }
        Numbers.Bounds bounds = new Numbers.Bounds(
                openLow ? aboveLow : low, openLow, openHigh ? belowHigh : high, openHigh, integer, step);
        if (!integer && bounds.isFree()) {
            return json.number();
        }
        return terminals.of("number " + bounds, limits, () -> Numbers.of(bounds, limits));
    }

    /** Returns the values of {@code enum} or {@code const} that have the right type. */
    Node enumeration(SchemaReader schema) throws GuideException {
        Set<JsonNode> values = new LinkedHashSet<>();
        JsonNode constant = schema.get("const");
        if (schema.get("enum") != null) {
            schema.items("enum").forEach(values::add);
            if (constant != null) {
                values.retainAll(Set.of(constant));
            }
        } else if (constant != null) {
            values.add(constant);
        }
        for (java.util.Iterator<String> names = schema.node().fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!BESIDE_ENUM.contains(name)) {
                throw new GuideException("'" + name + "' beside 'enum' or 'const' at "
                        + SchemaReader.shown(schema.path()) + " isn't supported");
            }
        }
        Set<String> types = schema.types();
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode value : values) {
            limits.piece();
            if (types.isEmpty() || isOf(value, types)) {
                texts.add(value.toString());
            }
        }
        if (texts.isEmpty()) {
            throw schema.wrong("enum", "has no value of the schema's type");
        }
        if (texts.stream().mapToLong(String::length).sum() > Limits.POSITIONS) {
            throw schema.wrong("enum", "has more than " + Limits.POSITIONS + " characters");
        }
        if (texts.size() == 1) {
            return json.literal(texts.iterator().next());
        }
        return terminals.of("enum " + texts, limits, () -> Languages.oneOf(texts, limits));
    }

    private static boolean isOf(JsonNode value, Set<String> types) {
        return switch (value.getNodeType()) {
            case STRING -> types.contains("string");
            case BOOLEAN -> types.contains("boolean");
            case NULL -> types.contains("null");
            case ARRAY -> types.contains("array");
            case NUMBER ->
                types.contains("number")
                        || (types.contains("integer")
                                && value.decimalValue().stripTrailingZeros().scale() <= 0);
            default -> types.contains("object");
        };
    }
}
