package dev.kvasir.runner.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes checkpoints in the safetensors format, streaming: memory is one buffer, however large the model.
 *
 * <pre>
 * [0, 8)      length n of the header, little-endian
 * [8, 8+n)    header: JSON, name -> dtype, shape, data_offsets; padded with spaces so that 8+n is a multiple of 8
 * [8+n, end)  the tensors' bytes in the header's order, no gaps
 * </pre>
 */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BUFFER_BYTES = 4 << 20;

    private SafetensorsWriter() {}

    /** Writes one file. */
    public static void writeFile(Path file, List<SyntheticTensor> tensors) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, header(tensors));
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (SyntheticTensor tensor : tensors) {
                writeTensor(channel, buffer, tensor);
            }
            if (buffer.position() > 0) {
                writeFully(channel, buffer.flip());
            }
        }
    }

    /**
     * Writes a model's tensors into a directory: {@code model.safetensors} if they fit into one shard, otherwise
     * {@code model-00001-of-0000N.safetensors} and so on with {@code model.safetensors.index.json}. A tensor is never split, so a shard
     * may be larger than the limit if one tensor is.
     */
    public static void writeModel(Path directory, List<SyntheticTensor> tensors, long maxShardBytes)
            throws IOException {
        Files.createDirectories(directory);
        List<List<SyntheticTensor>> shards = split(tensors, maxShardBytes);
        if (shards.size() == 1) {
            writeFile(directory.resolve("model.safetensors"), tensors);
            return;
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata")
                .put(
                        "total_size",
                        tensors.stream().mapToLong(SyntheticTensor::bytes).sum());
        ObjectNode weightMap = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writeFile(directory.resolve(name), shards.get(i));
            shards.get(i).forEach(tensor -> weightMap.put(tensor.name(), name));
        }
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("model.safetensors.index.json").toFile(), index);
    }

    private static List<List<SyntheticTensor>> split(List<SyntheticTensor> tensors, long maxShardBytes) {
        List<List<SyntheticTensor>> shards = new ArrayList<>();
        List<SyntheticTensor> shard = new ArrayList<>();
        long bytes = 0;
        for (SyntheticTensor tensor : tensors) {
            if (!shard.isEmpty() && bytes + tensor.bytes() > maxShardBytes) {
                shards.add(shard);
                shard = new ArrayList<>();
                bytes = 0;
            }
            shard.add(tensor);
            bytes += tensor.bytes();
        }
        shards.add(shard);
        return shards;
    }

    private static ByteBuffer header(List<SyntheticTensor> tensors) throws IOException {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (SyntheticTensor tensor : tensors) {
            if (header.has(tensor.name())) {
                throw new IllegalArgumentException("two tensors are called " + tensor.name());
            }
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", nameOf(tensor.dtype()));
            Arrays.stream(tensor.shape()).forEach(entry.putArray("shape")::add);
            long end = offset + tensor.bytes();
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    private static void writeTensor(FileChannel channel, ByteBuffer buffer, SyntheticTensor tensor) throws IOException {
        int width = tensor.dtype().bytes();
        long elements = tensor.elements();
        long done = 0;
        while (done < elements) {
            // Pieces but the last are a multiple of four elements, as the content may expect.
            int room = buffer.remaining() / width / 4 * 4;
            if (room == 0) {
                writeFully(channel, buffer.flip());
                buffer.clear();
                continue;
            }
            int count = (int) Math.min(room, elements - done);
            ByteBuffer piece = buffer.slice(buffer.position(), count * width).order(ByteOrder.LITTLE_ENDIAN);
            tensor.content().fill(piece, done, count);
            if (piece.hasRemaining()) {
                throw new IllegalStateException("the content of " + tensor.name() + " left " + piece.remaining()
                        + " of " + piece.capacity() + " bytes unwritten");
            }
            buffer.position(buffer.position() + count * width);
            done += count;
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String nameOf(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> "F32";
            case FLOAT16 -> "F16";
            case BFLOAT16 -> "BF16";
        };
    }
}
