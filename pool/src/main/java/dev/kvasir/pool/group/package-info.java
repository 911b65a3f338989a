/**
 * Prompts that several nodes compute together: sequence-parallel prefill. The nodes of a <em>group</em> share a prompt's segments out in <em>rounds</em>; in each, every
 * member computes one contiguous <em>share</em> in one of its steps, those with lower numbers the earlier ones.
 *
 * <pre>
 *              round 0             round 1
 *   segments   | s0 | s1 | s2 |    | s0 | s1 | s2 |    tail
 *   node         3    7    8         3    7    8       whoever asked
 *
 *   leader                member
 *     |------ Invite ------>|   brings near what stands before
 *     |<----- Join ---------|
 *     |------ Start ------->|
 *
 *   a member, in each round            to those behind it      to those before it
 *     a step with its share begins     Lent, being written
 *     the step has ended               Lent, sealed            Lent, sealed
 * </pre>
 *
 * Keys and values stay with the member that has computed them; queries go to them. Those of a share ask earlier shares of the same round while these are computed, layer by
 * layer: a {@linkplain dev.kvasir.pool.loan.LayerGate gate} at the loan keeps a query until its layer is written, and no thread.
 *
 * <p><b>No deadlock.</b> A step waits for others' steps only if these have begun, and only for those of nodes with lower numbers. A round begins on a node when it knows that
 * the one before is sealed everywhere. So of all nodes that wait for each other the lowest waits for nobody.
 *
 * <p><b>Failure.</b> A group is a way to fill caches. Whatever goes wrong ends it, on all members; what was sealed is as good as any segment, and the rest is computed by
 * who needs it.
 */
@NullMarked
package dev.kvasir.pool.group;

import org.jspecify.annotations.NullMarked;
