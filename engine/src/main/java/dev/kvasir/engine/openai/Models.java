package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Bodies of {@code /v1/models}. */
public final class Models {
    private Models() {}

    /** Returns one model. */
    public static ObjectNode model(String name, long createdSeconds, int maxTokens) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", createdSeconds)
                .put("owned_by", "kvasir")
                .put("max_model_len", maxTokens);
    }

    /** Returns the list. */
    public static ObjectNode list(List<String> names, long createdSeconds, int maxTokens) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("object", "list");
        ArrayNode data = body.putArray("data");
        names.forEach(name -> data.add(model(name, createdSeconds, maxTokens)));
        return body;
    }
}
