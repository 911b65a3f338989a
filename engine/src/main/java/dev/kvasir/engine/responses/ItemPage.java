package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a response's input items are asked for.
 *
 * @param limit so many at most
 * @param ascending whether the first item comes first
 * @param after begins behind the item with this id; null for the beginning
 */
public record ItemPage(
        int limit, boolean ascending, @Nullable String after) {
    public static final int MOST = 100;
    public static final int DEFAULT = 20;

    /** Returns these items as the API lists them. */
    public ObjectNode of(JsonNode items) {
        List<JsonNode> ordered = new ArrayList<>();
        items.forEach(ordered::add);
        if (!ascending) {
            Collections.reverse(ordered);
        }
        int from = 0;
        for (int i = 0; after != null && i < ordered.size(); i++) {
            if (ordered.get(i).path("id").asText().equals(after)) {
                from = i + 1;
            }
        }
        int to = Math.min(ordered.size(), from + limit);
        ObjectNode page = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = page.putArray("data");
        ordered.subList(from, to).forEach(data::add);
        page.put("first_id", data.isEmpty() ? null : data.get(0).path("id").asText());
        page.put(
                "last_id",
                data.isEmpty() ? null : data.get(data.size() - 1).path("id").asText());
        return page.put("has_more", to < ordered.size());
    }
}
