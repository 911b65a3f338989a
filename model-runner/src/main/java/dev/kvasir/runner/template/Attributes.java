package dev.kvasir.runner.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value with named attributes and nothing else: {@code loop}, {@code namespace()}. */
class Attributes {
    private final Map<String, Object> values = new HashMap<>();

    @Nullable
    Object find(String name) {
        return values.get(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    /** What {@code namespace()} makes: the one value that a template can change. */
    static final class Namespace extends Attributes {}
}
