/** How kvasir-mini was made: corpus, tokenizer, training. */
@NullMarked
package dev.kvasir.benchmarks.training;

import org.jspecify.annotations.NullMarked;
