/**
 * The step benchmark: how fast one node computes, with no HTTP and no tokenizer in the way. It drives scheduler, pool and
 * model runner as the step thread does. A <em>workload</em> is a prefill of one prompt or a decode of a full batch; a
 * <em>measurement</em> is one repetition of it. Where plans are compared they take turns, A B A B, so that a machine that
 * gets slower or busier during the run is unfair to neither.
 */
@NullMarked
package dev.kvasir.benchmarks.step;

import org.jspecify.annotations.NullMarked;
