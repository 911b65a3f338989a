package dev.kvasir.engine;

import java.util.concurrent.Callable;

/**
 * A further command of {@code bin/kvasir}, annotated with picocli's {@code @Command} and found through {@link
 * java.util.ServiceLoader}. {@link #call} returns the exit code.
 */
public interface Subcommand extends Callable<Integer> {}
