/**
 * {@code kvasir bench eviction}: how often a prompt's segments are still there, by eviction policy. <em>Traffic</em> is a list of
 * requests, simulated or recorded; a <em>replay</em> sends them through the books of a real pool, whose slots are too
 * small for any model. What comes out are counts, the same on any machine.
 */
@NullMarked
package dev.kvasir.benchmarks.eviction;

import org.jspecify.annotations.NullMarked;
