/** Model directories to measure with, where no trained one is at hand: random weights take the same time. */
@NullMarked
package dev.kvasir.benchmarks.model;

import org.jspecify.annotations.NullMarked;
