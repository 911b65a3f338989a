package dev.kvasir.engine;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** kvasir-mini, the small trained model that comes with Kvasir: what is served when no other is named. */
final class ModelInTheBox {
    private static final Path DIRECTORY = Path.of("models", "kvasir-mini");

    /** What a user is told at the start, so that nobody takes a demonstration for more than it is. */
    static final List<String> BANNER = List.of(
            "serving kvasir-mini, the model in the box: a demonstration of about 3.8 million parameters, trained on synthetic text.",
            "It answers what it was trained for and knows nothing of the world. A real checkpoint: bin/kvasir serve --model DIR");

    private ModelInTheBox() {}

    /** Returns the model's directory, if it is there. */
    static Optional<Path> under(Path home) {
        Path directory = home.resolve(DIRECTORY);
        return Files.isDirectory(directory) ? Optional.of(directory) : Optional.empty();
    }
}
