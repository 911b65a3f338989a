/** Passages of facts and questions about them. */
@NullMarked
package dev.kvasir.benchmarks.training.corpus.notes;

import org.jspecify.annotations.NullMarked;
