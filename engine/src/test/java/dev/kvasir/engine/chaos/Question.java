package dev.kvasir.engine.chaos;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request and the answer to it.
 *
 * @param seed to sample with, null for greedily
 * @param answer tokens that a single process has given
 */
record Question(List<Integer> prompt, @Nullable Integer seed, List<Integer> answer) {}
