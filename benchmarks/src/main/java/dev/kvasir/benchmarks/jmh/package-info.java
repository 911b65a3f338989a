/**
 * Micro-benchmarks by JMH of what a step does outside the model runner. Run by {@code bin/kvasir bench jmh}. Memory behind
 * the pool is a few bytes per slot and the model answers at once, so that nothing but bookkeeping is measured; the codec alone has segments of real size.
 */
@NullMarked
package dev.kvasir.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
