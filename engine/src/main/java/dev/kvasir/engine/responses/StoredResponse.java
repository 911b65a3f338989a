package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.JsonBody;
import org.jspecify.annotations.Nullable;

/**
 * A response that can be asked for by its id.
 *
 * @param previousId the response that it continues; null for none
 * @param body the response as JSON; handed over
 * @param input its own input items as a JSON object with one array; handed over
 */
public record StoredResponse(@Nullable String previousId, byte[] body, byte[] input) {
    /** What one costs besides its texts. */
    private static final int OVERHEAD_BYTES = 512;

    private static final String DATA = "data";

    /** Makes one of a response and its input items. */
    public static StoredResponse of(@Nullable String previousId, ObjectNode body, ArrayNode input) {
        ObjectNode holder = JsonNodeFactory.instance.objectNode();
        holder.set(DATA, input);
        return new StoredResponse(previousId, JsonBody.bytes(body), JsonBody.bytes(holder));
    }

    /** Returns how much memory it takes. */
    public long bytes() {
        return body.length + (long) input.length + OVERHEAD_BYTES;
    }

    /** Returns the response. */
    public ObjectNode response() {
        return JsonBody.own(body);
    }

    /** Returns the input items. */
    public JsonNode inputItems() {
        return JsonBody.own(input).path(DATA);
    }
}
