/** Requests that a tool answers. */
@NullMarked
package dev.kvasir.benchmarks.training.corpus.tools;

import org.jspecify.annotations.NullMarked;
