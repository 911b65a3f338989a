package dev.kvasir.benchmarks.training;

import dev.kvasir.runner.ModelConfig;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a training run stands: enough to go on as if it had never stopped.
 *
 * @param step steps done
 * @param tokens tokens read
 * @param seconds time spent
 * @param values parameters, then first moments, then second moments, each in the order of {@link Parameters}; lent
 */
record TrainingState(int step, long tokens, double seconds, List<float[]> values) {
    private static final int MAGIC = 0x4b565431;
    /** Parameters, first and second moments. */
    static final int COPIES = 3;

    /** Returns the start of a run. */
    static TrainingState initial(List<float[]> parameters) {
        List<float[]> values = new ArrayList<>(parameters);
        for (int copy = 1; copy < COPIES; copy++) {
            parameters.forEach(parameter -> values.add(new float[parameter.length]));
        }
        return new TrainingState(0, 0, 0, values);
    }

    /** Returns the parameters alone. */
    List<float[]> parameters() {
        return values.subList(0, values.size() / COPIES);
    }

    /** Writes a file, whole or not at all. */
    void write(Path file) throws IOException {
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(partial)))) {
            out.writeInt(MAGIC);
            out.writeInt(step);
            out.writeLong(tokens);
            out.writeDouble(seconds);
            for (float[] array : values) {
                out.writeInt(array.length);
                for (float value : array) {
                    out.writeFloat(value);
                }
            }
        }
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Reads a file that was written for the same model. */
    static TrainingState read(Path file, ModelConfig config) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readInt() != MAGIC) {
                throw new IOException(file + " is no checkpoint of a training run");
            }
            int step = in.readInt();
            long tokens = in.readLong();
            double seconds = in.readDouble();
            List<float[]> values = new ArrayList<>();
            for (int copy = 0; copy < COPIES; copy++) {
                for (Parameters parameter : Parameters.values()) {
                    int expected = parameter.elements(config);
                    int length = in.readInt();
                    if (length != expected) {
                        throw new IOException(file + " has " + length + " values for " + parameter
                                + " where the model has " + expected + ": it belongs to a model of another shape");
                    }
                    float[] array = new float[length];
                    for (int i = 0; i < length; i++) {
                        array[i] = in.readFloat();
                    }
                    values.add(array);
                }
            }
            return new TrainingState(step, tokens, seconds, values);
        }
    }
}
