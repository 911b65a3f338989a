/**
 * {@code bin/kvasir bench}: what Kvasir's speed is measured with. Serving load over HTTP, steps without HTTP, micro-benchmarks,
 * and models to measure with. Nothing here is needed to serve.
 */
@NullMarked
package dev.kvasir.benchmarks;

import org.jspecify.annotations.NullMarked;
