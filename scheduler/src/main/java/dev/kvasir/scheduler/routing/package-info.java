/**
 * Which node runs a request. A <em>policy</em> chooses among those that compute and aren't about to leave; what it knows of them is what they said last, and
 * what it has sent them since.
 *
 * <pre>
 *   pooled        shortest queue, then the most of the prefix: where all nodes are one cache, any of them will do
 *   cache-aware   the node that had the longest prefix of it before, unless queues differ much: SGLang's rule for caches of their own
 *   least-loaded  shortest queue
 *   round-robin   one after the other
 * </pre>
 */
@NullMarked
package dev.kvasir.scheduler.routing;

import org.jspecify.annotations.NullMarked;
