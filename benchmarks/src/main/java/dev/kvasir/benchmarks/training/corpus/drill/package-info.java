/** Copying and looking up among plain words: what answering from passages is made of. */
@NullMarked
package dev.kvasir.benchmarks.training.corpus.drill;

import org.jspecify.annotations.NullMarked;
