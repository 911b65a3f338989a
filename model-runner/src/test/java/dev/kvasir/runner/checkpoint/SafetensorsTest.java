package dev.kvasir.runner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.StoredTensor;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    Path directory;

    @Test
    void givesEachTensorsBytesWithoutCopying() throws IOException {
        byte[] data = new byte[24];
        ByteBuffer.wrap(data)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0, 1.5f)
                .putFloat(12, -2f)
                .putShort(20, (short) 7);
        Safetensors file = open(TestModels.file("""
                {"b": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [16, 24]},
                 "__metadata__": {"format": "pt"},
                 "a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}""", data));
        assertThat(file.names()).containsExactly("a", "b");
        StoredTensor a = file.find("a");
        assertThat(a.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(a.shape()).containsExactly(4);
        assertThat(a.data().isDirect()).isTrue();
        assertThat(a.data().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        assertThat(a.data().remaining()).isEqualTo(16);
        assertThat(a.data().getFloat()).isEqualTo(1.5f);
        assertThat(a.data().getFloat(12)).isEqualTo(-2f);
        StoredTensor b = file.find("b");
        assertThat(b.dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(b.shape()).containsExactly(2, 2);
        assertThat(b.data().getShort(4)).isEqualTo((short) 7);
        assertThat(file.find("c")).isNull();
    }

    @Test
    void readsScalarsEmptyTensorsAndHeadersOfOddLength() throws IOException {
        byte[] data = {0, 0, (byte) 0x80, 0x3f};
        String header = """
                {"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"F16","shape":[0,3],"data_offsets":[4,4]}}""";
        for (String padding : new String[] {"", " ", "  ", "   "}) {
            Safetensors file = open(TestModels.unpaddedFile(header + padding, data));
            assertThat(file.find("s").data().getFloat(0)).isEqualTo(1f);
            assertThat(file.find("s").data().remaining()).isEqualTo(4);
            assertThat(file.find("e").data().remaining()).isZero();
        }
    }

    @Test
    void refusesAHeaderLengthThatTheFileCannotHold() {
        assertRefused(new byte[0]).hasMessageContaining("it has 0 bytes");
        assertRefused(new byte[7]).hasMessageContaining("it has 7 bytes");
        assertRefused(new byte[64]).hasMessageContaining("header would have 0 bytes");
        for (long length : new long[] {57, 100_000_001L, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            byte[] file = ByteBuffer.allocate(64)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, length)
                    .array();
            assertRefused(file)
                    .hasMessageContaining("model.safetensors is no safetensors file, or truncated")
                    .hasMessageContaining(Long.toUnsignedString(length));
        }
    }

    @Test
    void refusesATruncatedFileAndTrailingBytes() {
        String header = "{\"a\": {\"dtype\": \"F32\", \"shape\": [4], \"data_offsets\": [0, 16]}}";
        assertRefused(TestModels.file(header, new byte[15]))
                .hasMessage(
                        "model.safetensors, tensor a, ends at byte 16 of the data, but the file has 15: it is truncated");
        assertRefused(TestModels.file(header, new byte[17]))
                .hasMessage("model.safetensors has 17 bytes of data, but its tensors cover 16");
    }

    @Test
    void refusesGapsAndOverlaps() {
        assertRefused(two("[0, 4]", "[8, 12]", 12))
                .hasMessageContaining("tensor b")
                .hasMessageContaining("gap");
        assertRefused(two("[0, 4]", "[2, 6]", 6))
                .hasMessageContaining("tensor b")
                .hasMessageContaining("overlaps");
        assertRefused(two("[4, 8]", "[8, 12]", 12))
                .hasMessageContaining("tensor a")
                .hasMessageContaining("gap");
    }

    @Test
    void refusesOffsetsAndShapesThatDisagree() {
        assertRefused(one("F32", "[2]", "[0, 4]", 4)).hasMessageContaining("shape of 8 bytes");
        assertRefused(one("F32", "[1]", "[4, 0]", 4)).hasMessageContaining("no range");
        assertRefused(one("F32", "[1]", "[0]", 4)).hasMessageContaining("no range");
        assertRefused(one("F32", "[1]", "[-4, 0]", 4)).hasMessageContaining("-4");
        assertRefused(one("F32", "[1.0]", "[0, 4]", 4)).hasMessageContaining("1.0 in shape");
        assertRefused(one("F32", "[\"1\"]", "[0, 4]", 4)).hasMessageContaining("in shape");
        assertRefused(one("F32", "7", "[0, 4]", 4)).hasMessageContaining("shape");
        assertRefused(one("F32", "[4294967296, 4294967296]", "[0, 0]", 0)).hasMessageContaining("overflows");
        assertRefused(one("F32", "[0, 9223372036854775808]", "[0, 0]", 0)).hasMessageContaining("9223372036854775808");
        assertRefused(one("F32", "[1,1,1,1,1,1,1,1,1]", "[0, 4]", 4)).hasMessageContaining("at most 8");
    }

    @Test
    void refusesUnknownDtypes() {
        for (String dtype : new String[] {"I64", "F64", "F8_E4M3", "", "f32"}) {
            assertRefused(one(dtype, "[1]", "[0, 4]", 4))
                    .hasMessageContaining("tensor a")
                    .hasMessageContaining("dtype \"" + dtype + "\"")
                    .hasMessageContaining("F32, F16 and BF16 are");
        }
    }

    @Test
    void refusesHeadersThatAreNoObject() {
        for (String header :
                new String[] {"[1, 2, 3]", "nonsense", "{\"a\": 1}", "{\"a\": {}, \"a\": {}}", "{\"a\":{}"}) {
            assertRefused(TestModels.file(header, new byte[0])).hasMessageContaining("model.safetensors");
        }
    }

    @Test
    void refusesATensorOfMoreThanTwoGibibytes() throws IOException {
        Path path = directory.resolve("model.safetensors");
        Files.write(path, one("F32", "[536870912]", "[0, 2147483648]", 0));
        try (var channel = java.nio.channels.FileChannel.open(path, java.nio.file.StandardOpenOption.WRITE)) {
            // A sparse file: its length is there, its blocks aren't.
            channel.write(ByteBuffer.allocate(1), channel.size() + 2147483648L - 1);
        }
        assertThatThrownBy(() -> Safetensors.open(path))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("tensor a")
                .hasMessageContaining("2147483648 bytes");
    }

    @RandomizedTest(300)
    void aDamagedFileIsReadOrRefusedButNeverAnythingElse(SplittableRandom random) throws IOException {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed", new long[] {3, 2});
        shapes.put("b", new long[] {1});
        shapes.put("c.weight", new long[] {2, 2, 2});
        byte[] file = TestModels.safetensors(shapes, "F32", 4);
        int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int at = random.nextInt(8 + header);
            file[at] = switch (random.nextInt(3)) {
                case 0 -> (byte) random.nextInt(256);
                case 1 -> (byte) "0123456789[]{},:\"-eEF".charAt(random.nextInt(21));
                default -> (byte) (file[at] ^ (1 << random.nextInt(8)));
            };
        }
        if (random.nextInt(4) == 0) {
            file = Arrays.copyOf(file, random.nextInt(file.length + 20));
        }
        try {
            Safetensors read = open(file);
            for (String name : read.names()) {
                ByteBuffer bytes = read.find(name).data();
                while (bytes.hasRemaining()) {
                    bytes.get();
                }
            }
        } catch (ModelLoadException e) {
            assertThat(e).hasMessageContaining("model.safetensors");
        }
    }

    private static byte[] one(String dtype, String shape, String offsets, int dataBytes) {
        return TestModels.file(
                "{\"a\": {\"dtype\": \"" + dtype + "\", \"shape\": " + shape + ", \"data_offsets\": " + offsets + "}}",
                new byte[dataBytes]);
    }

    private static byte[] two(String first, String second, int dataBytes) {
        return TestModels.file(
                "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": " + first
                        + "}, \"b\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": " + second + "}}",
                new byte[dataBytes]);
    }

    private Safetensors open(byte[] content) throws IOException {
        Path path = directory.resolve("model.safetensors");
        // A new file each time: the old one may still be mapped.
        Files.deleteIfExists(path);
        return Safetensors.open(Files.write(path, content));
    }

    private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] content) {
        return assertThatThrownBy(() -> open(content)).isInstanceOf(ModelLoadException.class);
    }
}
