package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as the maps, lists, texts, numbers and booleans that a chat template reads. */
public final class PlainValues {
    private PlainValues() {}

    /** Returns an object as a map. */
    public static Map<String, Object> map(ObjectNode node) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        node.fields().forEachRemaining(entry -> map.put(entry.getKey(), of(entry.getValue())));
        @SuppressWarnings({"NullAway", "unchecked"}) // a template knows null
        Map<String, Object> values = (Map<String, Object>) (Map<String, ?>) map;
        return values;
    }

    private static @Nullable Object of(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> map((ObjectNode) node);
            case ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                node.forEach(item -> list.add(of(item)));
                yield list;
            }
            case STRING -> node.textValue();
            case NUMBER -> node.numberValue();
            case BOOLEAN -> node.booleanValue();
            default -> null;
        };
    }
}
