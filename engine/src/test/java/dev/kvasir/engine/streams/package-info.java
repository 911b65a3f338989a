/** Many clients that stream at once, each on a socket of its own, and not all of them well-behaved. */
@NullMarked
package dev.kvasir.engine.streams;

import org.jspecify.annotations.NullMarked;
