package dev.kvasir.engine.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.kvasir.engine.serving.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** The answer to {@code POST /v1/embeddings}, written without a tree in between: that would take many times the numbers' own bytes. */
public final class EmbeddingFormat {
    private static final JsonFactory JSON = new JsonFactory();

    private EmbeddingFormat() {}

    /**
     * Returns the answer's bytes.
     *
     * @param embeddings (inputs, hidden), as the model gave them
     */
    public static byte[] bytes(EmbeddingRequest request, List<float[]> embeddings, Usage usage) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("object", "list");
            json.writeArrayFieldStart("data");
            for (int i = 0; i < embeddings.size(); i++) {
                json.writeStartObject();
                json.writeStringField("object", "embedding");
                json.writeNumberField("index", i);
                write(json, normalised(embeddings.get(i), request.dimensions()), request.base64());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeStringField("model", request.model());
            json.writeObjectFieldStart("usage");
            json.writeNumberField("prompt_tokens", usage.promptTokens());
            json.writeNumberField("total_tokens", usage.promptTokens());
            json.writeObjectFieldStart("prompt_tokens_details");
            json.writeNumberField("cached_tokens", usage.cachedTokens().total());
            json.writeEndObject();
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a write to memory failed", e);
        }
        return out.toByteArray();
    }

    private static void write(JsonGenerator json, float[] embedding, boolean base64) throws IOException {
        json.writeFieldName("embedding");
        if (base64) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(embedding.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(embedding);
            json.writeBinary(bytes.array());
            return;
        }
        json.writeStartArray();
        for (float value : embedding) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }

    /** Returns the first numbers at length 1; all of them zero have no direction, and stay zero. */
    static float[] normalised(float[] embedding, int dimensions) {
        float[] cut = Arrays.copyOf(embedding, dimensions);
        double squares = 0;
        for (float value : cut) {
            squares += (double) value * value;
        }
        double length = Math.sqrt(squares);
        for (int i = 0; i < cut.length && length > 0; i++) {
            cut[i] = (float) (cut[i] / length);
        }
        return cut;
    }
}
