/** The synthetic corpus that kvasir-mini is trained and evaluated on: seeded tasks, each of which makes conversations. */
@NullMarked
package dev.kvasir.benchmarks.training.corpus;

import org.jspecify.annotations.NullMarked;
