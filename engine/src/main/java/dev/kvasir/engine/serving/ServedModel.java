package dev.kvasir.engine.serving;

import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model and its names.
 *
 * @param name the model's name in the API
 * @param aliases further names
 * @param runner computes the steps; belongs to the step thread once that runs
 * @param tokenizer text to tokens and back
 * @param chatTemplate renders conversations; null for a model without one
 */
public record ServedModel(
        String name,
        List<String> aliases,
        ModelRunner runner,
        Tokenizer tokenizer,
        @Nullable ChatTemplate chatTemplate) {
    public ServedModel {
        aliases = List.copyOf(aliases);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a served model needs a name");
        }
    }

    /** Returns whether a client that asks for {@code wanted} means this model. */
    public boolean isCalled(String wanted) {
        return name.equals(wanted) || aliases.contains(wanted);
    }
}
