/** What a pool of another size would find: reuse distances of a sample of all segments, in constant memory. */
@NullMarked
package dev.kvasir.pool.reuse;

import org.jspecify.annotations.NullMarked;
