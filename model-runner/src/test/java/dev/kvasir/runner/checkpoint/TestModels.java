package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes tiny model directories for the tests of this package. */
final class TestModels {
    static final ObjectMapper JSON = new ObjectMapper();

    private TestModels() {}

    /** Returns a config of a tiny model with what {@code changes} says; a value of {@link #ABSENT} removes the field. */
    static String config(String architecture, Object... changes) throws IOException {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", new String[] {architecture});
        config.put("hidden_size", 8);
        config.put("intermediate_size", 12);
        config.put("num_hidden_layers", 2);
        config.put("num_attention_heads", 2);
        config.put("num_key_value_heads", 1);
        config.put("head_dim", 4);
        config.put("vocab_size", 16);
        config.put("max_position_embeddings", 64);
        config.put("sliding_window", null);
        for (int i = 0; i < changes.length; i += 2) {
            if (changes[i + 1] == ABSENT) {
                config.remove((String) changes[i]);
            } else {
                config.put((String) changes[i], changes[i + 1]);
            }
        }
        return JSON.writeValueAsString(config);
    }

    static final Object ABSENT = new Object();

    static void write(Path directory, String file, String content) throws IOException {
        Files.writeString(directory.resolve(file), content);
    }

    /** Returns a safetensors file with these tensors, each filled with bytes that depend on its name. */
    static byte[] safetensors(Map<String, long[]> shapes, String dtype, int elementBytes) throws IOException {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("__metadata__", Map.of("format", "pt"));
        long offset = 0;
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            long bytes = Arrays.stream(tensor.getValue()).reduce(elementBytes, (a, b) -> a * b);
            header.put(tensor.getKey(), Map.of("dtype", dtype, "shape", tensor.getValue(), "data_offsets", new long[] {
                offset, offset + bytes
            }));
            offset += bytes;
        }
        byte[] data = new byte[(int) offset];
        int at = 0;
        for (Map.Entry<String, long[]> tensor : shapes.entrySet()) {
            long bytes = Arrays.stream(tensor.getValue()).reduce(elementBytes, (a, b) -> a * b);
            Arrays.fill(data, at, at + (int) bytes, fill(tensor.getKey()));
            at += (int) bytes;
        }
        return file(JSON.writeValueAsString(header), data);
    }

    static byte fill(String name) {
        return (byte) name.hashCode();
    }

    /** Returns a safetensors file of this header, padded as the format's own writer pads it, and this data. */
    static byte[] file(String header, byte[] data) {
        byte[] unpadded = header.getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(unpadded, (unpadded.length + 7) / 8 * 8);
        Arrays.fill(padded, unpadded.length, padded.length, (byte) ' ');
        return unpaddedFile(new String(padded, StandardCharsets.UTF_8), data);
    }

    static byte[] unpaddedFile(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .put(data)
                .array();
    }

    /** Writes a whole directory: config, an empty tokenizer, one file of weights. */
    static ModelConfig directory(Path directory, String config) throws IOException {
        write(directory, "config.json", config);
        write(directory, "tokenizer.json", "{}");
        ModelConfig read = ConfigReader.read(directory);
        Files.write(directory.resolve("model.safetensors"), safetensors(CheckpointLayout.of(read), "F32", 4));
        return read;
    }
}
