/**
 * Micro-benchmarks by JMH of what a step does outside the model runner, and of the pool's tiers. Run by {@code bin/kvasir
 * bench jmh}. Where books are measured, memory behind the pool is a few bytes per slot and the model answers at once, so that
 * it's nothing but books.
 */
@NullMarked
package dev.kvasir.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
