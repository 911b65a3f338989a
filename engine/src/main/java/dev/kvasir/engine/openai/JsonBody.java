package dev.kvasir.engine.openai;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Bytes to a JSON object and back. What the parser may allocate is bounded beforehand. */
public final class JsonBody {
    private static final int NESTING = 64;
    /** Values and names of one document. A tree costs some 60 bytes for each, however few bytes it had in the text. */
    private static final long TOKENS = 500_000;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(NESTING)
                            .maxTokenCount(TOKENS)
                            .maxNumberLength(100)
                            .maxNameLength(1024)
                            .maxStringLength(Integer.MAX_VALUE) // the body's own limit holds
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** For what was bounded when it came, and may have grown a little since. */
    private static final ObjectMapper OWN = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(4 * NESTING)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build());

    private JsonBody() {}

    /**
     * Parses a request body.
     *
     * @throws ApiError if it isn't UTF-8, isn't JSON, or isn't an object
     */
    public static ObjectNode parse(byte[] body) {
        String text;
        try {
            // Strict: Jackson alone would take some malformed sequences, such as encoded surrogates.
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiError.badRequest("The request body is not UTF-8.");
        }
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw ApiError.badRequest("The request body is beyond this server's limits for JSON: at most " + NESTING
                    + " levels, " + TOKENS + " values, numbers of 100 digits and names of 1024 characters.");
        } catch (JsonProcessingException e) {
            throw ApiError.badRequest("The request body is not JSON" + where(e) + ".");
        }
        if (!(node instanceof ObjectNode object)) {
            throw ApiError.badRequest("The request body must be a JSON object.");
        }
        return object;
    }

    /** Parses what {@link #bytes} wrote. */
    public static ObjectNode own(byte[] json) {
        try {
            return (ObjectNode) OWN.readTree(json);
        } catch (IOException e) {
            throw new UncheckedIOException("what was written here can't be read", e);
        }
    }

    /** Returns the bytes of a response. */
    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON nodes can always be written", e);
        }
    }

    /** Jackson's own message would quote the body. */
    private static String where(JsonProcessingException e) {
        return e.getLocation() == null || e.getLocation().getLineNr() < 1
                ? ""
                : ": it breaks at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }
}
