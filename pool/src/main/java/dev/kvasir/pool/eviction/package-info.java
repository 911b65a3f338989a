/**
 * Which segments a full tier gives up. Its owner, a prefix tree or a lower tier, <em>offers</em> what nobody pins and nothing
 * depends on; the <em>policy</em> names the <em>victim</em>, the least valuable of these. Tenants'
 * shares are a policy around these: who holds its share is the first to give something up.
 *
 * <pre>
 *  lru       by last use alone: one pass of prompts that never come back flushes everything
 *  lfu       by hits, which count half after each half-life without a use
 *  tinylfu   the same, with a window for newcomers and a memory of what was evicted
 *
 *             add           pushed out by newer ones
 *  unpinned ------> window --------------------------> main ------> victim: the lowest rank,
 *                   by last use                        by rank      maybe of who has just come
 * </pre>
 *
 * A pool can't refuse a segment that a running request computes. To refuse admission is to name the newcomer as the victim.
 */
@NullMarked
package dev.kvasir.pool.eviction;

import org.jspecify.annotations.NullMarked;
