package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lists with a {@code limit} and a place to go on {@code after}. */
final class Pages {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    private Pages() {}

    /**
     * Returns a page.
     *
     * @param all each with an {@code id}
     */
    static ObjectNode of(List<ObjectNode> all, HttpServerRequest request, int defaultLimit, int mostLimit) {
        int limit = limit(parameter(request, "limit"), defaultLimit, mostLimit);
        String after = parameter(request, "after");
        int from = 0;
        if (after != null) {
            while (from < all.size() && !all.get(from).path("id").asText().equals(after)) {
                from++;
            }
            from++; // behind it; an id that there isn't has nothing behind it
        }
        List<ObjectNode> page = from >= all.size() ? List.of() : all.subList(from, Math.min(all.size(), from + limit));
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = json.putArray("data");
        data.addAll(page);
        json.put("first_id", page.isEmpty() ? null : page.get(0).path("id").asText());
        json.put(
                "last_id",
                page.isEmpty() ? null : page.get(page.size() - 1).path("id").asText());
        json.put("has_more", from + page.size() < all.size());
        return json;
    }

    static @Nullable String parameter(HttpServerRequest request, String name) {
        try {
            return request.params().get(name);
        } catch (IllegalArgumentException e) {
            throw ApiError.badRequest("The request URL is badly encoded.");
        }
    }

    private static int limit(@Nullable String text, int absent, int most) {
        if (text == null) {
            return absent;
        }
        int limit = DIGITS.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (limit < 1 || limit > most) {
            throw ApiError.badField("limit", "'limit' must be a whole number from 1 to " + most + ".");
        }
        return limit;
    }
}
