package dev.kvasir.pool;

import java.util.List;
import java.util.Optional;

/**
 * The public contract of the KV pool, after MemServe's MemPool (arXiv 2406.17565): memory in slots, an index of historical
 * segments over it. Not thread-safe: the step thread owns it.
 *
 * <pre>
 *   free --alloc--> writing --insert--> sealed (pinned) --release--> sealed (evictable) --evict--> free
 *                      |                                                                             ^
 *                      +------------------------------ free -----------------------------------------+
 * </pre>
 */
public interface MemPool {
    /** Returns the layout that every slot has. */
    KvLayout layout();

    /** Returns how many slots {@code tier} has. */
    int capacity(Tier tier);

    /**
     * Takes {@code count} slots of the device (lower tiers are filled by moves alone), evicting least valuable unpinned segments where too few are free. All or nothing. The slots
     * are zeroed, in state writing, and the caller's until {@link #free} or {@link #insert}.
     *
     * @return empty when even eviction can't make room; then nothing was evicted
     */
    Optional<List<SlotAddress>> alloc(int count, Tier tier);

    /**
     * Gives back slots in state writing. Doesn't change the index.
     *
     * @throws IllegalStateException if a slot is not in state writing; slots before it in the list have been freed
     */
    void free(List<SlotAddress> addresses);

    /**
     * Like {@link #alloc(int, Tier)}, for segments of a known tenant. Where tenants have a quota and this one would hold more, it gives up its own
     * least valuable segments first. It gets what it asks for even if all of its own are in use: a running request must end.
     *
     * @param root where the identity chain of what will be written starts
     */
    default Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        return alloc(count, tier);
    }

    /**
     * Returns how many device slots the tenant of a root can take without having more in use than it may hold; at least what {@link #usage} has
     * available where tenants have no quota.
     */
    default int roomFor(SegmentId root) {
        return Integer.MAX_VALUE;
    }

    /**
     * Finds and pins the longest indexed prefix of the first {@code length} tokens. It covers at most {@code length - 1}
     * tokens, since the last token must be computed for its logits. Changes recency, not content. Always succeeds; a miss is
     * a prefix of 0 segments, which must be released too.
     *
     * @param root where the identity chain starts (model and tenant)
     * @param tokens token ids; not kept
     * @param length how many of them count
     */
    PinnedPrefix match(SegmentId root, int[] tokens, int length);

    /** Returns how many tokens {@link #match} would cover, pinning nothing and leaving recency as it is. */
    int matchedTokens(SegmentId root, int[] tokens, int length);

    /**
     * Seals full slots behind {@code prefix} and makes them visible: slot {@code addresses[i]} holds the keys and values, all
     * layers, of {@code tokens[prefix.tokens() + i * segmentTokens ..]}. Where the tree already has such a segment the
     * caller's slot is freed and the prefix points to the old one (same content, one slot).
     *
     * @param prefix consumed: use the returned one from now on
     * @param tokens the sequence's token ids from its beginning, at least up to the end of the last inserted segment
     * @return the prefix grown by {@code addresses.size()} segments, all pinned for the caller
     * @throws IllegalStateException if an address is not in state writing or the prefix is dead; nothing is changed then
     */
    PinnedPrefix insert(PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses);

    /**
     * Unpins a prefix; its segments can be evicted once nobody else pins them.
     *
     * @throws IllegalStateException if it was released before
     */
    void release(PinnedPrefix prefix);

    /**
     * Unpins a prefix of which nothing was read, such as one whose request found no room. Like {@link #release}, but the look-up
     * doesn't count: it will be made again, and what waits must not seem to be in demand.
     *
     * @throws IllegalStateException if it was released before, or came from {@link #insert}
     */
    void giveUp(PinnedPrefix prefix);

    /**
     * Drops from the index the segments that cover {@code tokens} and everything below them. Pinned segments, and the
     * ancestors of pinned segments, stay.
     *
     * @return how many slots became free
     */
    int delete(SegmentId root, int[] tokens);

    /**
     * Gives up to {@code count} of the device's least valuable segments up, and copies those that aren't there yet to the tier below. They leave the
     * prefix tree at once; their slots are free when the copies are done. Pinned segments stay.
     *
     * @return counts the segments that the tier below has
     */
    Move swapOut(int count);

    /**
     * Brings what lower tiers have of the first {@code length} tokens to the device, as far as it continues without a gap what the device has, covers
     * at most {@code length - 1} tokens and finds room; evicts as {@link #alloc} does. Each segment can be matched as soon as it and all before it
     * have arrived. What the device had before and what has arrived is pinned until the move is released, even if there was nothing to bring.
     *
     * @param root where the identity chain starts (model and tenant)
     * @param tokens token ids; kept until the move is done, so they must not change
     * @param length how many of them count
     * @param computeNanos what computing a token takes; a tier that was slower so far is left out. 0: not known, all are brought
     */
    Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos);

    /** Takes in what moves have done since the last call. Costs nothing if that is nothing. Returns whether it was something. */
    boolean poll();

    /**
     * Drops up to {@code count} segments of a tier, the least valuable ones first. Pinned segments stay.
     *
     * @return how many were dropped
     * @throws IllegalArgumentException if there is no such tier
     */
    int evict(Tier tier, int count);

    /** Returns the counts of {@code tier}. */
    PoolUsage usage(Tier tier);

    /**
     * Returns every tier as it is now, from the fastest to the slowest. Cheap, so that it can be asked after each step.
     */
    List<TierReport> tiers();

    /**
     * Returns what there is to say about the content. Takes time in proportion to the prefixes that are held.
     *
     * @param topPrefixes how many prefixes to list at most
     */
    PoolReport report(int topPrefixes);

    /**
     * Checks the books from scratch: every slot in exactly one state, pins and children add up, identities match tokens.
     *
     * @throws IllegalStateException saying what is wrong
     */
    void checkInvariants();
}
