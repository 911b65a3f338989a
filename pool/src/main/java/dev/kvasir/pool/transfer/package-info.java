/**
 * Segments that go from one node's pool to another's. {@link dev.kvasir.pool.transfer.TransferMemPool} puts it on top of a node's pool: a <em>sender</em>
 * with the transfers that leave, a <em>receiver</em> with those that come. Who sends asks first; who receives says where to, and lets go of what it has
 * set aside when it hears nothing for a <em>lease</em>.
 *
 * <pre>
 *   outgoing   asking --Answer--> sending --all handed over--> confirming --Done--> ended
 *                 |                  |                             |
 *                 +------------------+--- Refuse, lease, release --+--------------> ended: unpinned once the last bytes have left
 *
 *   incoming   loading ---> receiving --all there, and Commit---> indexed
 *                 |             |                       +-------> waiting to be claimed ---> the claimer's
 *                 |             |                                        |
 *                 +-------------+----- Abort, lease ---------------------+----------------> freed once the last copy has ended
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.transfer;

import org.jspecify.annotations.NullMarked;
