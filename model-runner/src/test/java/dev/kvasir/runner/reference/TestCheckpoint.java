package dev.kvasir.runner.reference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads a directory's safetensors files into arrays, on its own, so that a reference model shares no code with the loader under test. */
public final class TestCheckpoint {
    private TestCheckpoint() {}

    /** Returns the weights of all safetensors files of a directory. */
    public static Weights read(Path directory) throws IOException {
        Map<String, float[]> tensors = new HashMap<>();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(path -> path.toString().endsWith(".safetensors")).forEach(files::add);
        }
        for (Path file : files) {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
            int headerBytes = (int) bytes.getLong();
            JsonNode header = new ObjectMapper().readTree(bytes.array(), 8, headerBytes);
            header.fields().forEachRemaining(field -> {
                JsonNode entry = field.getValue();
                if (entry.has("dtype")) {
                    int begin = entry.at("/data_offsets/0").asInt();
                    int end = entry.at("/data_offsets/1").asInt();
                    DType dtype =
                            switch (entry.get("dtype").asText()) {
                                case "F32" -> DType.FLOAT32;
                                case "F16" -> DType.FLOAT16;
                                case "BF16" -> DType.BFLOAT16;
                                default -> throw new IllegalArgumentException(entry.toString());
                            };
                    tensors.put(
                            field.getKey(), Weights.decode(dtype, bytes.slice(8 + headerBytes + begin, end - begin)));
                }
            });
        }
        return Weights.of(tensors);
    }
}
