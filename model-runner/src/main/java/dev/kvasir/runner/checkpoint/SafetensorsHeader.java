package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelLoadException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The checked header of a safetensors file.
 *
 * <pre>
 * [0, 8)                     header length n, little endian
 * [8, 8 + n)                 JSON: name -> dtype, shape, data_offsets
 * [8 + n, end of the file)   data; the tensors' ranges cover it without gap or overlap
 * </pre>
 */
final class SafetensorsHeader {
    static final int MAX_BYTES = 100_000_000;
    private static final int MAX_RANK = 8;

    /** One tensor: its bytes are {@code [begin, end)} of the data. */
    record Entry(String name, DType dtype, List<Long> shape, long begin, long end) {
        long bytes() {
            return end - begin;
        }
    }

    private SafetensorsHeader() {}

    /** Checks the header's length, which must be known before the header is read. */
    static int checkLength(String file, long headerBytes, long fileBytes) {
        if (headerBytes < 2 || headerBytes > MAX_BYTES || headerBytes > fileBytes - Long.BYTES) {
            throw new ModelLoadException(file + " is no safetensors file, or truncated: its header would have "
                    + Long.toUnsignedString(headerBytes) + " bytes, the file has " + fileBytes);
        }
        return (int) headerBytes;
    }

    /** Returns the tensors in the order of their bytes. */
    static Map<String, Entry> parse(String file, byte[] header, long dataBytes) {
        ObjectNode root = JsonFile.parseObject(header, "the header of " + file);
        List<Entry> entries = new ArrayList<>();
        for (Iterator<Map.Entry<String, JsonNode>> fields = root.fields(); fields.hasNext(); ) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(file, field.getKey(), field.getValue(), dataBytes));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        Map<String, Entry> byName = new LinkedHashMap<>();
        long covered = 0;
        for (Entry entry : entries) {
            if (entry.begin() != covered) {
                throw new ModelLoadException(
                        file + " has tensor " + entry.name() + " at byte " + entry.begin() + " of its data, which "
                                + (entry.begin() < covered ? "overlaps" : "leaves a gap behind") + " the bytes up to "
                                + covered);
            }
            covered = entry.end();
            byName.put(entry.name(), entry);
        }
        if (covered != dataBytes) {
            throw new ModelLoadException(
                    file + " has " + dataBytes + " bytes of data, but its tensors cover " + covered);
        }
        return byName;
    }

    private static Entry entry(String file, String name, JsonNode node, long dataBytes) {
        String what = file + ", tensor " + name + ",";
        if (!node.isObject()) {
            throw new ModelLoadException(what + " is not described by an object");
        }
        List<Long> shape = wholeNumbers(what, "shape", node.path("shape"));
        List<Long> offsets = wholeNumbers(what, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw new ModelLoadException(
                    what + " has data_offsets that are no range: " + JsonFields.shown(node.path("data_offsets")));
        }
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (end > dataBytes) {
            throw new ModelLoadException(what + " ends at byte " + end + " of the data, but the file has " + dataBytes
                    + ": it is truncated");
        }
        @Nullable DType dtype = dtype(node.path("dtype").asText());
        if (dtype == null) {
            throw new ModelLoadException(what + " has dtype " + JsonFields.shown(node.path("dtype"))
                    + ", which is not supported (F32, F16 and BF16 are)");
        }
        long bytes = byteLength(what, shape, dtype);
        if (bytes != end - begin) {
            throw new ModelLoadException(
                    what + " has a shape of " + bytes + " bytes, but data_offsets of " + (end - begin));
        }
        if (bytes > Integer.MAX_VALUE) {
            throw new ModelLoadException(
                    what + " has " + bytes + " bytes; at most " + Integer.MAX_VALUE + " per tensor are supported");
        }
        return new Entry(name, dtype, shape, begin, end);
    }

    private static @Nullable DType dtype(String name) {
        return switch (name) {
            case "F32" -> DType.FLOAT32;
            case "F16" -> DType.FLOAT16;
            case "BF16" -> DType.BFLOAT16;
            default -> null;
        };
    }

    private static long byteLength(String what, List<Long> shape, DType dtype) {
        try {
            long bytes = dtype.bytes();
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new ModelLoadException(what + " has a shape that overflows", e);
        }
    }

    private static List<Long> wholeNumbers(String what, String field, JsonNode node) {
        if (!node.isArray() || node.size() > MAX_RANK) {
            throw new ModelLoadException(what + " has no list of at most " + MAX_RANK + " numbers as " + field);
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : node) {
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.longValue() < 0) {
                throw new ModelLoadException(what + " has " + JsonFields.shown(number) + " in " + field);
            }
            numbers.add(number.longValue());
        }
        return numbers;
    }
}
