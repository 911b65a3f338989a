/**
 * Where segments lie: our reconstruction of TokenLake's placement (arXiv 2508.17219), whose own section on it wasn't available to us; what is the paper's
 * and what is ours is told in docs/decisions/0020-placement.md. A segment's <em>home</em> is the one copy that is meant to be, a
 * <em>replica</em> a further one, made because the segment is a <em>heavy hitter</em>: much of what the pool reads is it.
 *
 * <pre>
 *   new run        homes:       where it was computed, or the least loaded node if that is much less loaded
 *   each epoch     replication: more copies of what is hot, fewer of what has cooled down
 *                  duplicates:  of two homes all but one go
 *                  rebalancing: a few segments leave a node that is overloaded, full beside others that aren't, or about to leave
 * </pre>
 *
 * Every node decides about its own copies. Two nodes never have to agree: each rule names one node that acts, by numbers that both see.
 */
@NullMarked
package dev.kvasir.pool.placement;

import org.jspecify.annotations.NullMarked;
