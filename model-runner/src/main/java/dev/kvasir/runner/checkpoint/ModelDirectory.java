package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelLoadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An opened Hugging Face model directory: config and weights, read and checked against each other. */
public final class ModelDirectory {
    private final Path path;
    private final ModelConfig config;
    private final Checkpoint checkpoint;

    private ModelDirectory(Path path, ModelConfig config, Checkpoint checkpoint) {
        this.path = path;
        this.config = config;
        this.checkpoint = checkpoint;
    }

    /**
     * Opens a directory and checks it.
     *
     * @throws ModelLoadException if it can't be served
     */
    public static ModelDirectory open(Path path) {
        if (!Files.isDirectory(path)) {
            throw new ModelLoadException(path + " is not a directory");
        }
        for (String file : List.of("config.json", "tokenizer.json")) {
            if (!Files.isRegularFile(path.resolve(file))) {
                throw new ModelLoadException(path + " has no " + file);
            }
        }
        ModelConfig config = ConfigReader.read(path);
        return new ModelDirectory(path, config, Checkpoint.open(path, config));
    }

    public Path path() {
        return path;
    }

    public ModelConfig config() {
        return config;
    }

    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Returns SHA-256 of config and weights; it is computed once and kept in {@code cacheDirectory}. */
    public byte[] fingerprint(Path cacheDirectory) {
        List<Path> files = new ArrayList<>();
        files.add(path.resolve("config.json"));
        files.addAll(checkpoint.files());
        return Fingerprint.of(files, cacheDirectory);
    }
}
