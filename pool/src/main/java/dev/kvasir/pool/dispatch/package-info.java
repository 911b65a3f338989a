/**
 * Which nodes compute a batch: TokenLake's bipartite matching (arXiv 2508.17219), whose cost matrix is our reconstruction. A <em>group</em> is the
 * nodes that compute one batch together; as many as its <em>degree</em> of parallelism. An <em>offer</em> is what a node has for it. What is minimised is
 * bytes on links:
 *
 * <pre>
 *   cost(group, node) = bytes to read prefixes that lie elsewhere
 *                     + bytes of new segments for which balance has no room on that node
 *                     - bytes that need not be read over a link because they lie on that node
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.dispatch;

import org.jspecify.annotations.NullMarked;
