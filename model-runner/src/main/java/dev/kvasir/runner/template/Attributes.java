package dev.kvasir.runner.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value with named attributes and nothing else: {@code loop}, {@code namespace()}. */
@FunctionalInterface
interface Attributes {
    @Nullable
    Object find(String name);

    /** What {@code namespace()} makes: the one value that a template can change. */
    final class Namespace implements Attributes {
        private final Map<String, Object> values = new HashMap<>();

        @Override
        public @Nullable Object find(String name) {
            return values.get(name);
        }

        void set(String name, Object value) {
            values.put(name, value);
        }
    }
}
