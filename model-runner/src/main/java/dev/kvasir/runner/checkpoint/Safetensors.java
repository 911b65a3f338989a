package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A safetensors file whose tensors are mapped into memory. Everything in the header is checked when the file is opened; pages
 * are read by the operating system when they are touched.
 */
public final class Safetensors {
    private final Map<String, StoredTensor> tensors;

    private Safetensors(Map<String, StoredTensor> tensors) {
        this.tensors = tensors;
    }

    /** Opens a file, checks all of its header and maps its tensors. */
    public static Safetensors open(Path file) {
        String name = JsonFile.name(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long fileBytes = channel.size();
            if (fileBytes < Long.BYTES) {
                throw new ModelLoadException(name + " is no safetensors file: it has " + fileBytes + " bytes");
            }
            ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            readFully(channel, prefix, 0);
            int headerBytes = SafetensorsHeader.checkLength(name, prefix.getLong(0), fileBytes);
            ByteBuffer header = ByteBuffer.allocate(headerBytes);
            readFully(channel, header, Long.BYTES);
            long dataStart = Long.BYTES + (long) headerBytes;
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            for (SafetensorsHeader.Entry entry : SafetensorsHeader.parse(name, header.array(), fileBytes - dataStart)
                    .values()) {
                ByteBuffer bytes = map(channel, dataStart + entry.begin(), entry);
                tensors.put(entry.name(), stored(entry, bytes));
            }
            return new Safetensors(tensors);
        } catch (IOException e) {
            throw new ModelLoadException(name + " can't be read: " + e, e);
        }
    }

    /** Returns the tensors' names in the order of their bytes. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** Returns a tensor, or null if the file has none of that name. */
    public @Nullable StoredTensor find(String name) {
        return tensors.get(name);
    }

    private static StoredTensor stored(SafetensorsHeader.Entry entry, ByteBuffer bytes) {
        long[] shape = entry.shape().stream().mapToLong(size -> size).toArray();
        return new StoredTensor(entry.dtype(), shape, bytes);
    }

    private static ByteBuffer map(FileChannel channel, long position, SafetensorsHeader.Entry entry)
            throws IOException {
        int bytes = (int) entry.bytes();
        if (bytes == 0) {
            return ByteBuffer.allocateDirect(0);
        }
        if (position % entry.dtype().bytes() != 0) {
            // A header of odd length puts elements across their natural boundary, where native code must not read them.
            ByteBuffer copy = ByteBuffer.allocateDirect(bytes);
            readFully(channel, copy, position);
            return copy.flip().asReadOnlyBuffer();
        }
        return channel.map(MapMode.READ_ONLY, position, bytes);
    }

    private static void readFully(FileChannel channel, ByteBuffer target, long position) throws IOException {
        long at = position;
        while (target.hasRemaining()) {
            int read = channel.read(target, at);
            if (read < 0) {
                throw new IOException("the file ended at byte " + at);
            }
            at += read;
        }
    }
}
