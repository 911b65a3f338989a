package dev.kvasir.benchmarks.evaluation;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say what is asked, and what is shown of it. */
final class QuestionOptions {
    @Option(
            names = "--set",
            paramLabel = "NAME",
            split = ",",
            description = "Question sets, with commas between them (default: all that fit).")
    List<String> sets = List.of();

    @Option(
            names = "--questions",
            paramLabel = "N",
            defaultValue = "500",
            description = "Questions of each set (default: ${DEFAULT-VALUE}).")
    int questions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the questions; the same seed asks the same (default: ${DEFAULT-VALUE}).")
    long seed;

    @Option(
            names = "--show-wrong",
            paramLabel = "K",
            defaultValue = "0",
            description = "Print so many wrong answers of each set, with their prompts (default: ${DEFAULT-VALUE}).")
    int showWrong;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results, wrong answers too, as JSON.")
    @Nullable
    Path json;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException saying which option is wrong
     */
    void check() {
        if (questions < 1) {
            throw new IllegalArgumentException("--questions must be at least 1");
        }
        if (showWrong < 0) {
            throw new IllegalArgumentException("--show-wrong must not be negative");
        }
    }
}
