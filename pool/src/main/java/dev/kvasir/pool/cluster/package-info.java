/**
 * One pool over all nodes. Each node keeps what it has by parent and content, not in a tree: {@link FlatMemPool}. {@link ClusterMemPool} on top of it finds
 * the rest of a prefix in the directory and borrows it, so that a <em>prefix</em> is a chain of segments of which each lies on some node.
 *
 * <pre>
 *   scheduler
 *       |  MemPool
 *   ClusterMemPool ------ Directory (who has what)
 *       |         \------ Lender, Borrower (loans) --- Wire, channel LOAN
 *   TransferMemPool ----- WireTransport -------------- Wire, channel TRANSFER
 *       |
 *   FlatMemPool
 *       |
 *   TieredMemPool or LocalMemPool
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.cluster;

import org.jspecify.annotations.NullMarked;
