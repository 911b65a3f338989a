package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SafetensorsWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @Test
    void headerIsAlignedAndOffsetsCoverTheData() throws IOException {
        Path file = directory.resolve("a.safetensors");
        SafetensorsWriter.writeFile(
                file,
                List.of(
                        SyntheticTensor.of("x", DType.FLOAT32, new float[] {1, -2, 3}, 3),
                        SyntheticTensor.of("half", DType.FLOAT16, new float[] {1}, 1, 1),
                        SyntheticTensor.of("brain", DType.BFLOAT16, new float[] {-3, 1}, 2, 1),
                        SyntheticTensor.of("none", DType.FLOAT32, new float[0], 0, 7)));

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = (int) bytes.getLong();
        assertThat((8 + headerBytes) % 8).isZero();
        JsonNode header = JSON.readTree(bytes.array(), 8, headerBytes);
        assertThat(header.at("/x").toString()).isEqualTo("{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}");
        assertThat(header.at("/half").toString())
                .isEqualTo("{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[12,14]}");
        assertThat(header.at("/brain").toString())
                .isEqualTo("{\"dtype\":\"BF16\",\"shape\":[2,1],\"data_offsets\":[14,18]}");
        assertThat(header.at("/none").toString())
                .isEqualTo("{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[18,18]}");

        bytes.position(8 + headerBytes);
        assertThat(new float[] {bytes.getFloat(), bytes.getFloat(), bytes.getFloat()})
                .containsExactly(1, -2, 3);
        assertThat(bytes.getShort()).isEqualTo((short) 0x3C00);
        assertThat(bytes.getShort()).isEqualTo((short) 0xC040);
        assertThat(bytes.getShort()).isEqualTo((short) 0x3F80);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void tensorsLargerThanTheBufferArriveInPieces() throws IOException {
        int elements = 3_000_001;
        SyntheticTensor odd = SyntheticTensor.of("odd", DType.FLOAT16, new float[] {1, 1, 1}, 3);
        SyntheticTensor counter =
                new SyntheticTensor("counter", DType.FLOAT32, new long[] {elements}, (into, first, count) -> {
                    assertThat(first % 4).isZero();
                    for (int i = 0; i < count; i++) {
                        into.putFloat((float) (first + i));
                    }
                });
        Path file = directory.resolve("b.safetensors");
        SafetensorsWriter.writeFile(file, List.of(odd, counter, odd("tail")));

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.position(8 + (int) bytes.getLong() + 6);
        for (int i = 0; i < elements; i++) {
            if (bytes.getFloat() != i) {
                throw new AssertionError("element " + i + " is wrong");
            }
        }
        assertThat(bytes.remaining()).isEqualTo(6);
    }

    private static SyntheticTensor odd(String name) {
        return SyntheticTensor.of(name, DType.FLOAT16, new float[] {2, 2, 2}, 3);
    }

    @Test
    void shardsAreListedInTheIndex() throws IOException {
        SafetensorsWriter.writeModel(directory, List.of(odd("a"), odd("b"), odd("c")), 12);

        JsonNode index =
                JSON.readTree(directory.resolve("model.safetensors.index.json").toFile());
        assertThat(index.at("/metadata/total_size").asInt()).isEqualTo(18);
        assertThat(index.at("/weight_map").toString())
                .isEqualTo("{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00001-of-00002.safetensors\","
                        + "\"c\":\"model-00002-of-00002.safetensors\"}");
        assertThat(directory.resolve("model.safetensors")).doesNotExist();
        byte[] second = Files.readAllBytes(directory.resolve("model-00002-of-00002.safetensors"));
        assertThat(Arrays.copyOfRange(second, second.length - 6, second.length))
                .containsExactly(0, 0x40, 0, 0x40, 0, 0x40);
    }

    @Test
    void refusesTwoTensorsOfOneName() {
        assertThatThrownBy(() ->
                        SafetensorsWriter.writeFile(directory.resolve("c.safetensors"), List.of(odd("a"), odd("a"))))
                .hasMessageContaining("two tensors are called a");
    }

    @Test
    void refusesValuesThatDoNotFillTheShape() {
        assertThatThrownBy(() -> SyntheticTensor.of("w", DType.FLOAT32, new float[5], 2, 3))
                .hasMessage("tensor w of 6 elements got 5 values");
    }
}
