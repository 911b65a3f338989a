/** What guided decoding costs without a model: compiling schemas, and the masks of their steps. */
@NullMarked
package dev.kvasir.benchmarks.guides;

import org.jspecify.annotations.NullMarked;
