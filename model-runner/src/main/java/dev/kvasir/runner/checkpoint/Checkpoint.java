package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.StoredTensor;
import dev.kvasir.runner.WeightSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A model's weights: one safetensors file, or shards with an index. When it is open, every tensor that the config asks for is
 * there and has its shape; dtypes may differ from tensor to tensor. Tensors that nobody asks for are ignored, and so is an
 * {@code lm_head.weight} beside a tied head, as in Hugging Face Transformers.
 */
public final class Checkpoint implements WeightSource {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";
    private static final int MAX_SHARDS = 4096;

    private final List<Path> files;
    private final Map<String, StoredTensor> tensors;

    private Checkpoint(List<Path> files, Map<String, StoredTensor> tensors) {
        this.files = files;
        this.tensors = tensors;
    }

    /** Opens the weights of a directory and checks them against the config before anything is allocated. */
    public static Checkpoint open(Path directory, ModelConfig config) {
        Path single = directory.resolve(SINGLE);
        Path index = directory.resolve(INDEX);
        Checkpoint checkpoint;
        if (Files.exists(single)) {
            Safetensors file = Safetensors.open(single);
            Map<String, StoredTensor> tensors = new HashMap<>();
            for (String name : file.names()) {
                put(tensors, name, file);
            }
            checkpoint = new Checkpoint(List.of(single), tensors);
        } else if (Files.exists(index)) {
            checkpoint = openShards(directory, index);
        } else {
            throw new ModelLoadException(
                    directory + " has no weights: neither " + SINGLE + " nor " + INDEX + " is there");
        }
        CheckpointLayout.of(config).forEach(checkpoint::tensor);
        return checkpoint;
    }

    /** Returns the files that hold the weights, shards in the order of their names. */
    public List<Path> files() {
        return files;
    }

    @Override
    public StoredTensor tensor(String name, long... shape) {
        @Nullable StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new ModelLoadException(where() + " has no tensor " + name + ", which config.json asks for with shape "
                    + Arrays.toString(shape));
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new ModelLoadException(where() + " has tensor " + name + " with shape "
                    + Arrays.toString(tensor.shape()) + ", but config.json asks for " + Arrays.toString(shape));
        }
        return tensor;
    }

    private String where() {
        return files.size() == 1 ? JsonFile.name(files.get(0)) : INDEX;
    }

    private static Checkpoint openShards(Path directory, Path index) {
        JsonFields fields = new JsonFields(INDEX, JsonFile.readObject(index, JsonFile.MAX_CONFIG_BYTES));
        @Nullable JsonFields weightMap = fields.object("weight_map");
        if (weightMap == null) {
            throw new ModelLoadException(INDEX + " has no weight_map");
        }
        Map<String, Safetensors> shards = new TreeMap<>();
        Map<String, StoredTensor> tensors = new HashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> entries = weightMap.node().fields(); entries.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = entries.next();
            String shard = shardName(entry.getKey(), entry.getValue());
            @Nullable Safetensors file = shards.get(shard);
            if (file == null) {
                if (shards.size() == MAX_SHARDS) {
                    throw new ModelLoadException(INDEX + " names more than " + MAX_SHARDS + " shards");
                }
                file = Safetensors.open(existing(directory, shard));
                shards.put(shard, file);
            }
            if (file.find(entry.getKey()) == null) {
                throw new ModelLoadException(
                        INDEX + " says that tensor " + entry.getKey() + " is in " + shard + ", but it isn't");
            }
            put(tensors, entry.getKey(), file);
        }
        return new Checkpoint(shards.keySet().stream().map(directory::resolve).toList(), tensors);
    }

    private static Path existing(Path directory, String shard) {
        Path file = directory.resolve(shard);
        if (!Files.exists(file)) {
            throw new ModelLoadException(INDEX + " names the shard " + shard + ", which is not there");
        }
        return file;
    }

    /** Returns the name of a shard, which must be a plain file name: an index must not lead out of the directory. */
    private static String shardName(String tensor, JsonNode value) {
        String name = value.asText();
        if (!value.isTextual() || !name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\\.safetensors")) {
            throw new ModelLoadException(INDEX + " maps tensor " + tensor + " to " + JsonFields.shown(value)
                    + ", which is not the plain name of a safetensors file");
        }
        return name;
    }

    private static void put(Map<String, StoredTensor> tensors, String name, Safetensors file) {
        @Nullable StoredTensor tensor = file.find(name);
        if (tensor != null) {
            tensors.put(name, tensor);
        }
    }
}
