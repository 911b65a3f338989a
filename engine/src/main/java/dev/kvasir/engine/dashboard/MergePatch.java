package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON Merge Patch, RFC 7386: an object with the members that changed, null for those that are gone. Arrays change as a whole. */
final class MergePatch {
    private MergePatch() {}

    /**
     * Returns what makes {@code after} of {@code before}. A member must not be null in either: a patch couldn't say so.
     *
     * @return null if they are equal
     */
    static @Nullable ObjectNode between(ObjectNode before, ObjectNode after) {
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        for (Iterator<Map.Entry<String, JsonNode>> fields = after.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            JsonNode old = before.get(field.getKey());
            JsonNode now = field.getValue();
            if (old instanceof ObjectNode oldObject && now instanceof ObjectNode nowObject) {
                ObjectNode inner = between(oldObject, nowObject);
                if (inner != null) {
                    patch.set(field.getKey(), inner);
                }
            } else if (!now.equals(old)) {
                patch.set(field.getKey(), now);
            }
        }
        for (Iterator<String> names = before.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!after.has(name)) {
                patch.putNull(name);
            }
        }
        return patch.isEmpty() ? null : patch;
    }

    /** Applies a patch, as a page does. */
    static void apply(ObjectNode target, ObjectNode patch) {
        patch.fields().forEachRemaining(field -> {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                target.remove(field.getKey());
            } else if (value instanceof ObjectNode inner) {
                ObjectNode into = target.get(field.getKey()) instanceof ObjectNode old ? old : target.objectNode();
                target.set(field.getKey(), into);
                apply(into, inner);
            } else {
                target.set(field.getKey(), value);
            }
        });
    }
}
