package dev.kvasir.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes results as JSON. A number that isn't known is null. */
public final class JsonFile {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private JsonFile() {}

    /** Writes a file, replacing what was there; its folder is made where it's missing. */
    public static void write(Path file, JsonNode content) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.write(file, JSON.writeValueAsBytes(content));
    }

    /** Sets a field to a number, or to null if it's NaN, which JSON can't say. */
    public static void put(ObjectNode object, String field, double value) {
        if (Double.isNaN(value)) {
            object.putNull(field);
        } else {
            object.put(field, value);
        }
    }
}
