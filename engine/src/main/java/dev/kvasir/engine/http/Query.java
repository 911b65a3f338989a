package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.ApiError;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands behind a URL's question mark. */
final class Query {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,9}");

    private final Map<String, List<String>> values;

    private Query(Map<String, List<String>> values) {
        this.values = values;
    }

    static Query of(HttpServerRequest request) {
        String query = request.query();
        try {
            // Not the request's own parameters: among those are the names in its path.
            return new Query(query == null ? Map.of() : new QueryStringDecoder(query, false).parameters());
        } catch (IllegalArgumentException e) {
            throw ApiError.badRequest("The request URL is badly encoded.");
        }
    }

    /** Checks that there are no names but these; a bracket behind one is a client's way of writing a list. */
    void allow(String... names) {
        Set<String> known = Set.of(names);
        for (String name : values.keySet()) {
            int bracket = name.indexOf('[');
            if (!known.contains(bracket < 0 ? name : name.substring(0, bracket))) {
                throw ApiError.unknownField(name);
            }
        }
    }

    /** Returns a value, null where there is none; one that is given twice is refused. */
    @Nullable
    String text(String name) {
        List<String> given = values.getOrDefault(name, List.of());
        if (given.size() > 1) {
            throw ApiError.badField(name, "'" + name + "' must be given once.");
        }
        return given.isEmpty() ? null : given.get(0);
    }

    int integer(String name, int min, int max, int absent) {
        String text = text(name);
        if (text == null) {
            return absent;
        }
        int value = DIGITS.matcher(text).matches() ? Integer.parseInt(text) : -1;
        if (value < min || value > max) {
            throw ApiError.badField(name, "'" + name + "' must be one whole number from " + min + " to " + max + ".");
        }
        return value;
    }
}
