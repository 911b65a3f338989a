/**
 * One node's KV pool: the <em>slot table</em> knows the state of every slot, the {@linkplain dev.kvasir.pool.tree prefix tree}
 * knows which segments the sealed ones hold, and {@link dev.kvasir.pool.local.LocalMemPool} moves slots between the two.
 *
 * <pre>
 *              take                seal
 *     free ------------> writing ----------> sealed
 *      ^ ^                  |                   |
 *      | +------ giveBack --+                   |
 *      +---------------- unseal ----------------+
 * </pre>
 */
@NullMarked
package dev.kvasir.pool.local;

import org.jspecify.annotations.NullMarked;
