package dev.kvasir.engine.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A function that a client offers.
 *
 * @param name 1 to 64 letters, digits, {@code _} and {@code -}
 * @param parameters JSON Schema of its arguments; null for any object
 * @param strict whether arguments must be valid, or the request is refused
 */
public record Tool(String name, @Nullable ObjectNode parameters, boolean strict) {}
