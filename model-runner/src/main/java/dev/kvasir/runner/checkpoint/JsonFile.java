package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads JSON files of a model directory: bounded, strict, and refusing in sentences that name the file. */
public final class JsonFile {
    /** Largest config or index that is read, in bytes. */
    public static final int MAX_CONFIG_BYTES = 16 << 20;

    private static final ObjectMapper STRICT = mapper(true);
    private static final ObjectMapper LENIENT = mapper(false);

    private JsonFile() {}

    private static ObjectMapper mapper(boolean refuseDuplicates) {
        return new ObjectMapper(JsonFactory.builder()
                        .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, refuseDuplicates)
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(100)
                                .maxNumberLength(100)
                                .build())
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** Reads a whole file of at most {@code maxBytes}. */
    public static byte[] readBytes(Path file, int maxBytes) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(maxBytes);
            if (in.read() >= 0) {
                throw new ModelLoadException(
                        name(file) + " is larger than " + maxBytes + " bytes, which is the most that is read");
            }
            return bytes;
        } catch (IOException e) {
            throw new ModelLoadException(name(file) + " can't be read: " + e, e);
        }
    }

    /** Reads a text file of at most {@code maxBytes} that must be UTF-8. */
    public static String readText(Path file, int maxBytes) {
        return utf8(readBytes(file, maxBytes), name(file));
    }

    /** Reads a file of at most {@code maxBytes} that must be a JSON object. */
    public static ObjectNode readObject(Path file, int maxBytes) {
        return parseObject(readBytes(file, maxBytes), name(file));
    }

    /** Parses bytes that must be a JSON object; {@code what} names them in a refusal. */
    static ObjectNode parseObject(byte[] bytes, String what) {
        return parse(STRICT, utf8(bytes, what), what);
    }

    /** Parses text that must be a JSON object; of a key that stands there twice the last counts, as it does elsewhere. */
    public static ObjectNode parseLenient(String text, String what) {
        return parse(LENIENT, text, what);
    }

    private static ObjectNode parse(ObjectMapper mapper, String text, String what) {
        JsonNode node;
        try {
            node = mapper.readTree(text);
        } catch (JsonProcessingException e) {
            throw new ModelLoadException(what + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
        if (!(node instanceof ObjectNode object)) {
            throw new ModelLoadException(what + " is not a JSON object");
        }
        return object;
    }

    private static String utf8(byte[] bytes, String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelLoadException(what + " is not UTF-8", e);
        }
    }

    /** Returns the file's own name, for messages. */
    static String name(Path file) {
        Path last = file.getFileName();
        return last == null ? file.toString() : last.toString();
    }
}
