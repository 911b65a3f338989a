/**
 * The KV pool's contract. A <em>segment</em> holds the keys and values of {@code segmentTokens} consecutive tokens of all
 * layers; a <em>slot</em> is room for one segment in a tier of memory. A sequence reads its past through a <em>segment
 * table</em>, the slots of its segments in order. Slots are free, writing or sealed; the three counts always add up to
 * the tier's capacity. Only sealed segments are visible to other sequences, through the <em>prefix tree</em>.
 *
 * <pre>
 * tokens    [ 0 ........ 63 ][ 64 ...... 127 ][ 128 .. 150 )
 * segments    sealed, id 0     sealed, id 1      writing (the private tail)
 * slots       17               4                 9
 * identity    H(root, t0..63)  H(id 0, t64..127) none until it is full
 * </pre>
 *
 * <p>The pool is plain Java with one owner: the step thread. It has no clock, no network and no randomness, and it sees
 * memory as {@link dev.kvasir.pool.SlotStorage}, never as tensors.
 */
@NullMarked
package dev.kvasir.pool;

import org.jspecify.annotations.NullMarked;
