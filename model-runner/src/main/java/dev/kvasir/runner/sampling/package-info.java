/** Choosing a token from probabilities, in plain Java: what the draw is, and which candidates remain. */
@NullMarked
package dev.kvasir.runner.sampling;

import org.jspecify.annotations.NullMarked;
