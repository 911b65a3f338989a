package dev.kvasir.pool;

import java.util.List;
import java.util.Optional;

/**
 * The public contract of the KV pool, after MemServe's MemPool (arXiv 2406.17565): memory in slots, an index of historical
 * segments over it. Not thread-safe: the step thread owns it. No call waits for a disk or a network, but for what {@link #alloc} says.
 *
 * <p>Each call says what it changes, what is pinned after it, when its result is safe to read and what it costs; n is the number of tokens it's given,
 * s of segments, r of segments in the tier that could be evicted. Reading a slot means reading its bytes through {@link SlotStorage}.
 *
 * <pre>
 *   free --alloc--> writing --insert--> sealed (pinned) --release--> sealed (evictable) --evict--> free
 *                      |                                                                             ^
 *                      +------------------------------ free -----------------------------------------+
 * </pre>
 */
public interface MemPool {
    /** Returns the layout that every slot has. Changes nothing, pins nothing, never changes; O(1). */
    KvLayout layout();

    /** Returns how many slots {@code tier} has. Changes nothing, pins nothing, never changes; O(1). */
    int capacity(Tier tier);

    /**
     * Takes {@code count} slots of the device (lower tiers are filled by moves alone), evicting least valuable unpinned segments where too few are free. All or nothing. The slots
     * are zeroed, in state writing, and the caller's until {@link #free} or {@link #insert}.
     *
     * <p>Changes: the cache, if it evicts. Pins: nothing; slots in state writing are never evicted. Safe to read: at once, by the caller alone. Costs:
     * O(count) and the zeroing of count segments, O(log r) for each eviction; waits for copies of evicted segments where nothing else is free.
     *
     * @return empty when even eviction can't make room; then nothing was evicted
     */
    Optional<List<SlotAddress>> alloc(int count, Tier tier);

    /**
     * Gives back slots in state writing.
     *
     * <p>Changes: not the cache. Pins: nothing. Safe to read: no more. Costs: O(count).
     *
     * @throws IllegalStateException if a slot is not in state writing; slots before it in the list have been freed
     */
    void free(List<SlotAddress> addresses);

    /**
     * Like {@link #alloc(int, Tier)}, for segments of a known tenant. Where tenants have a quota and this one would hold more, it gives up its own
     * least valuable segments first. It gets what it asks for even if all of its own are in use: a running request must end.
     *
     * <p>Changes, pins, safe to read, costs: as without a tenant.
     *
     * @param root where the identity chain of what will be written starts
     */
    default Optional<List<SlotAddress>> alloc(int count, Tier tier, SegmentId root) {
        return alloc(count, tier);
    }

    /**
     * Returns how many device slots the tenant of a root can take without having more in use than it may hold; at least what {@link #usage} has
     * available where tenants have no quota. Changes nothing, pins nothing, holds until the next call only; O(1).
     */
    default int roomFor(SegmentId root) {
        return Integer.MAX_VALUE;
    }

    /**
     * Finds and pins the longest indexed prefix of the first {@code length} tokens. It covers at most {@code length - 1}
     * tokens, since the last token must be computed for its logits. Always succeeds; a miss is a prefix of 0 segments, which must be released too.
     *
     * <p>Changes: recency and the counts of hits, not the content. Pins: the prefix, until it's released or consumed. Safe to read: at once, until then.
     * Costs: O(n) comparisons of tokens and O(log r); no digest, no copy.
     *
     * @param root where the identity chain starts (model and tenant)
     * @param tokens token ids; not kept
     * @param length how many of them count
     */
    PinnedPrefix match(SegmentId root, int[] tokens, int length);

    /**
     * Like {@link #match}, but for one who only wants the prefix to stay.
     *
     * <p>Changes: recency alone; it counts neither as a look-up nor as a hit. Pins, safe to read, costs: as {@link #match}.
     */
    PinnedPrefix pin(SegmentId root, int[] tokens, int length);

    /**
     * Returns how many tokens {@link #match} would cover.
     *
     * <p>Changes: nothing, not even recency. Pins: nothing, so the answer holds until the next call only. Costs: O(n).
     */
    int matchedTokens(SegmentId root, int[] tokens, int length);

    /**
     * Seals full slots behind {@code prefix} and makes them visible: slot {@code addresses[i]} holds the keys and values, all
     * layers, of {@code tokens[prefix.tokens() + i * segmentTokens ..]}. Where the tree already has such a segment the
     * caller's slot is freed and the prefix points to the old one (same content, one slot).
     *
     * <p>Changes: the cache; with a policy that writes through, begins copies to the tier below. Pins: the grown prefix, the new segments included. Safe
     * to read: at once, for whoever matches it too, so every byte must be there before. Costs: O(n), O(log r) and a digest per segment.
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
     * <p>Changes: recency, as it was in use until now. Pins: no more. Safe to read: no more. Costs: O(s) at most, O(log r).
     *
     * @throws IllegalStateException if it was released before
     */
    void release(PinnedPrefix prefix);

    /**
     * Unpins a prefix of which nothing was read, such as one whose request found no room. Like {@link #release}, but the look-up
     * doesn't count: it will be made again, and what waits must not seem to be in demand.
     *
     * <p>Changes: takes back what the look-up counted. Pins: no more. Safe to read: no more. Costs: as {@link #release}.
     *
     * @throws IllegalStateException if it was released before, or came from {@link #insert}
     */
    void giveUp(PinnedPrefix prefix);

    /**
     * Drops from the index the segments that cover {@code tokens} and everything below them. Pinned segments, and the
     * ancestors of pinned segments, stay.
     *
     * <p>Changes: the cache, in all tiers. Pins: nothing. Safe to read: what the caller has pinned. Costs: in proportion to what is dropped; waits for
     * nothing: what is being copied can't be found any more and goes when its copy is done.
     *
     * @return how many slots became free, or will
     */
    int delete(SegmentId root, int[] tokens);

    /**
     * Gives up to {@code count} of the device's least valuable segments up, and copies those that aren't there yet to the tier below. They leave the
     * prefix tree at once; their slots are free when the copies are done. Pinned segments stay.
     *
     * <p>Changes: the cache: the segments can't be matched until they're brought back. Pins: nothing. Safe to read: not by the caller; {@link #swapIn}
     * brings back what the move has counted. Costs: O(count log r) here, a copy of each segment on another thread.
     *
     * @return counts the segments that the tier below has
     */
    Move swapOut(int count);

    /**
     * Brings what lower tiers have of the first {@code length} tokens to the device, as far as it continues without a gap what the device has, covers
     * at most {@code length - 1} tokens and finds room; evicts as {@link #alloc} does. Each segment can be matched as soon as it and all before it
     * have arrived. What the device had before and what has arrived is pinned until the move is released, even if there was nothing to bring.
     *
     * <p>Changes: the cache, as segments arrive and as room is made for them. Pins: see above. Safe to read: a segment that the move has counted, once
     * it's matched. Costs: O(n) and a digest per segment here, a read of each segment on another thread.
     *
     * @param root where the identity chain starts (model and tenant)
     * @param tokens token ids; kept until the move is done, so they must not change
     * @param length how many of them count
     * @param computeNanos what computing a token takes; a tier that was slower so far is left out. 0: not known, all are brought
     */
    Move swapIn(SegmentId root, int[] tokens, int length, double computeNanos);

    /**
     * Sends segments {@code [from, to)} of a prefix to another node, where nothing is indexed: it is for one there who {@linkplain #claim claims} it under
     * the transfer's id, to go on from it alone. All of them are sent.
     *
     * <p>Changes: nothing here; there, takes slots, for which it may evict. Pins: the prefix, until the transfer is done and its last bytes have left.
     * Safe to read: there, once claimed. Costs: O(s) here; each segment's bytes go over the transport, from the slot itself.
     *
     * @param prefix consumed, whatever becomes of it; to go on reading it here, {@link #pin} it once more before
     * @param node the receiver's number, that of the addresses there
     * @return a transfer that may be over already, with a {@linkplain Transfer#refusal() refusal}
     * @throws IllegalArgumentException if there are no such segments, or none; nothing is changed then
     */
    default Transfer transfer(PinnedPrefix prefix, int from, int to, int node) {
        int segments = to - from;
        release(prefix);
        return Transfer.refused(TransferId.NONE, segments, Refusal.UNKNOWN_NODE);
    }

    /**
     * Sends a prefix to another node and indexes it there, so that whoever asks there matches it: sends only what no tier of that node has.
     *
     * <p>Changes: nothing here; there, the cache, after the last byte has come and not before. Pins: the prefix here until the transfer is done and its last
     * bytes have left; there, what that node had of it, until all is there; nothing afterwards. Safe to read: there, once matched. Costs: O(s) here, O(n)
     * and a digest per segment there; the bytes of what is lacking go over the transport, from the slot itself.
     *
     * @param prefix consumed, as by {@link #transfer}
     * @param tokens the prefix's tokens, at least; copied
     * @return a transfer that may be over already, with a {@linkplain Transfer#refusal() refusal}
     * @throws IllegalArgumentException if the prefix is empty or has more tokens; nothing is changed then
     */
    default Transfer transferWithInsert(PinnedPrefix prefix, int[] tokens, int node) {
        int segments = prefix.segments();
        release(prefix);
        return Transfer.refused(TransferId.NONE, segments, Refusal.UNKNOWN_NODE);
    }

    /** Returns what has come to be claimed, in the order in which it began. Changes nothing, pins nothing; O(transfers under way). */
    default List<TransferId> arrivals() {
        return List.of();
    }

    /**
     * Takes what another node has sent. What nobody claims within a lease is freed.
     *
     * <p>Changes: not the cache. Pins: nothing; the slots, in state writing, are the caller's until {@link #free} or {@link #insert}. Safe to read: at once, by the
     * caller alone. Costs: O(s).
     *
     * @return empty if it hasn't all come yet, was claimed before, or has been freed
     */
    default Optional<Arrival> claim(TransferId id) {
        return Optional.empty();
    }

    /**
     * Takes in what moves and transfers have done since the last call. Returns whether it was something.
     *
     * <p>Changes: the cache, as far as they do. Pins: what they say. Safe to read: what they count from now on. Costs: nothing if nothing was done; else O(s log r)
     * of what was, with a digest for each segment that is indexed.
     */
    boolean poll();

    /**
     * Drops up to {@code count} segments of a tier, the least valuable ones first. Pinned segments stay.
     *
     * <p>Changes: the cache. Pins: nothing. Safe to read: what the caller has pinned. Costs: O(count log r); below the device, waits for moves that
     * are under way.
     *
     * @return how many were dropped
     * @throws IllegalArgumentException if there is no such tier
     */
    int evict(Tier tier, int count);

    /**
     * Returns how many pins nobody has who called this pool, at most: those of readers on other nodes and of segments on their way from or to there. Changes nothing,
     * pins nothing; O(1).
     */
    default int ownPins() {
        return 0;
    }

    /** Returns how many slots this pool itself has taken to be written, for prompts that several nodes compute together. O(1). */
    default int ownWriting() {
        return 0;
    }

    /** Returns the counts of {@code tier}. Changes nothing, pins nothing; O(1). */
    PoolUsage usage(Tier tier);

    /**
     * Returns every tier as it is now, from the fastest to the slowest. Changes nothing, pins nothing; cheap, so that it can be asked after each step.
     */
    List<TierReport> tiers();

    /**
     * Returns what there is to say about the content. Changes nothing, pins nothing; takes time in proportion to the prefixes that are held.
     *
     * @param topPrefixes how many prefixes to list at most
     */
    PoolReport report(int topPrefixes);

    /**
     * Returns every slot of every tier, for who draws them: no token, no text. Changes nothing, pins nothing; takes time and memory in proportion to the
     * slots.
     */
    default List<TierSurvey> survey() {
        return List.of();
    }

    /**
     * Returns the token ids of a segment, in whatever tier it is; empty if there is none. It's for administrators alone. Changes nothing, pins nothing; takes
     * time in proportion to what is held.
     */
    default Optional<int[]> content(SegmentId id) {
        return Optional.empty();
    }

    /**
     * Checks the books from scratch: every slot in exactly one state, pins and children add up, identities match tokens. Changes nothing, pins nothing;
     * takes time in proportion to all that is held, with a digest per segment.
     *
     * @throws IllegalStateException saying what is wrong
     */
    void checkInvariants();
}
