package dev.kvasir.benchmarks.training;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.synthetic.ConfigFiles;
import dev.kvasir.runner.synthetic.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The model's directory, as Hugging Face lays it out. */
final class ModelFiles {
    private ModelFiles() {}

    /** Returns the shape of kvasir-mini. */
    static ModelConfig config(Tokenizer tokenizer) {
        int end = tokenizer.encode(Prompts.END, false)[0];
        int endOfText = tokenizer.encode(Prompts.END_OF_TEXT, false)[0];
        return new ModelConfig(
                Family.LLAMA,
                192,
                320,
                12,
                6,
                2,
                32,
                tokenizer.vocab(),
                2_048,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                true,
                null,
                List.of(end, endOfText),
                DType.BFLOAT16);
    }

    /**
     * Writes a model.
     *
     * @param tokenizer directory with the tokenizer's files
     * @param parameters in the order of {@link Parameters}
     */
    static void write(Path directory, Path tokenizer, ModelConfig config, List<float[]> parameters) throws IOException {
        Files.createDirectories(directory);
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(tokenizer.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        ConfigFiles.write(directory, config, false);
        SafetensorsWriter.writeModel(directory, Parameters.checkpoint(config, parameters), Long.MAX_VALUE);
    }
}
