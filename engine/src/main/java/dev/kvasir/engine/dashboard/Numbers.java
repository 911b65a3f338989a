package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Numbers as a page wants them: three digits, since more are noise there and bytes on the way. */
final class Numbers {
    private Numbers() {}

    static JsonNode of(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return LongNode.valueOf((long) value);
        }
        double magnitude = Math.pow(10, 2 - Math.floor(Math.log10(Math.abs(value))));
        double rounded = Math.abs(value) >= 1000 ? Math.rint(value) : Math.rint(value * magnitude) / magnitude;
        return rounded == Math.rint(rounded) ? LongNode.valueOf((long) rounded) : DoubleNode.valueOf(rounded);
    }

    /** Puts a number; none where it is NaN. */
    static void put(ObjectNode into, String key, double value) {
        if (!Double.isNaN(value)) {
            into.set(key, of(value));
        }
    }
}
