package dev.kvasir.runner.torch;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a stored zip with the module's source, its pickled attributes and a version, as libtorch's
 * {@code torch::jit::load} reads it.
 */
public final class ScriptArchive {
    /*
     * data.pkl is a pickle of protocol 2. Only what a module object needs is written: GLOBAL names the class, EMPTY_TUPLE and
     * NEWOBJ make it, a dict of attributes is its state (BUILD). A list of tensors is made by torch's own `build_tensorlist`, since
     * an empty plain list would have no element type.
     */
    private static final byte[] EMPTY_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

    private final StringBuilder methods = new StringBuilder();
    private final Map<String, Object> attributes = new LinkedHashMap<>();

    /** Adds methods, as source text whose {@code def}s begin in the first column. */
    public ScriptArchive methods(String source) {
        methods.append(source).append('\n');
        return this;
    }

    /** Adds an integer that methods see as {@code self.name}. */
    public ScriptArchive attribute(String name, long value) {
        attributes.put(name, value);
        return this;
    }

    /** Adds a number that methods see as {@code self.name}. */
    public ScriptArchive attribute(String name, double value) {
        attributes.put(name, value);
        return this;
    }

    /** Adds a truth value that methods see as {@code self.name}. */
    public ScriptArchive attribute(String name, boolean value) {
        attributes.put(name, value);
        return this;
    }

    /** Adds an attribute of a list type, empty at first. */
    public ScriptArchive emptyList(String name, ListType type) {
        attributes.put(name, type);
        return this;
    }

    /** List types that an attribute can have. */
    public enum ListType {
        TENSORS("List[Tensor]"),
        OPTIONAL_TENSORS("List[Optional[Tensor]]"),
        INTS("List[int]");

        private final String declaration;

        ListType(String declaration) {
            this.declaration = declaration;
        }
    }

    /** Returns the archive's bytes. */
    public byte[] write() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                store(zip, "kvasir/data.pkl", pickle());
                store(zip, "kvasir/code/__torch__.py", source().getBytes(StandardCharsets.UTF_8));
                store(zip, "kvasir/constants.pkl", EMPTY_CONSTANTS);
                store(zip, "kvasir/version", "6\n".getBytes(StandardCharsets.US_ASCII));
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("memory can't fail", e);
        }
    }

    private String source() {
        StringBuilder out = new StringBuilder(
                "class Model(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        attributes.forEach((name, value) -> out.append("  ")
                .append(name)
                .append(" : ")
                .append(typeOf(value))
                .append('\n'));
        methods.toString().lines().filter(line -> !line.strip().startsWith("#")).forEach(line -> out.append("  ")
                .append(line)
                .append('\n'));
        return out.toString();
    }

    private static String typeOf(Object value) {
        if (value instanceof ListType list) {
            return list.declaration;
        }
        return value instanceof Long ? "int" : value instanceof Double ? "float" : "bool";
    }

    private byte[] pickle() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(new byte[] {(byte) 0x80, 2});
        out.writeBytes("c__torch__\nModel\n)");
        out.writeByte(0x81);
        out.writeBytes("}(");
        string(out, "training");
        out.writeByte(0x89);
        for (Map.Entry<String, Object> attribute : attributes.entrySet()) {
            string(out, attribute.getKey());
            value(out, attribute.getValue());
        }
        out.writeBytes("ub.");
        return bytes.toByteArray();
    }

    private static void value(DataOutputStream out, Object value) throws IOException {
        if (value instanceof Long number) {
            out.writeByte('J');
            out.writeInt(Integer.reverseBytes(Math.toIntExact(number)));
        } else if (value instanceof Double number) {
            out.writeByte('G');
            out.writeDouble(number);
        } else if (value instanceof Boolean flag) {
            out.writeByte(flag ? 0x88 : 0x89);
        } else if (value == ListType.TENSORS) {
            out.writeBytes("ctorch.jit._pickle\nbuild_tensorlist\n](e");
            out.writeByte(0x85);
            out.writeByte('R');
        } else {
            out.writeByte(']');
        }
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeByte('X');
        out.writeInt(Integer.reverseBytes(bytes.length));
        out.write(bytes);
    }

    private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCompressedSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
