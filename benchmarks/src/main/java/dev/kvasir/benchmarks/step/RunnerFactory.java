package dev.kvasir.benchmarks.step;

import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import java.nio.file.Path;

/** Loads a model directory for the benchmark. */
@FunctionalInterface
public interface RunnerFactory {
    /** Loads; the caller closes. */
    ModelRunner load(Path model, RunnerOptions options);
}
