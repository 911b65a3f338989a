package dev.kvasir.pool.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.eviction.LruPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A small pool whose sequences are words: each letter is a segment of 16 tokens; upper and lower case differ in the last. */
final class PoolFixture {
    static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    static final SegmentId ANN = root("ann");
    static final SegmentId BOB = root("bob");

    final BufferSlotStorage storage;
    final LocalMemPool pool;

    PoolFixture(int slots) {
        this(slots, new LruPolicy());
    }

    PoolFixture(int slots, EvictionPolicy policy) {
        storage = BufferSlotStorage.heap(LAYOUT, slots);
        pool = new LocalMemPool(LAYOUT, 0, storage, policy);
    }

    static SegmentId root(String tenant) {
        return SegmentIdentity.root(new byte[32], LAYOUT.dtype(), "default", tenant.getBytes(UTF_8));
    }

    static int[] tokens(String word) {
        int[] tokens = new int[word.length() * 16];
        for (int i = 0; i < tokens.length; i++) {
            String letter = word.substring(i / 16, i / 16 + 1);
            tokens[i] = (i % 16 == 15 ? letter : letter.toUpperCase(Locale.ROOT)).codePointAt(0);
        }
        return tokens;
    }

    /** Matches a word and one token more, so that all its segments may match. */
    PinnedPrefix match(SegmentId root, String word) {
        int[] tokens = tokens(word + "?");
        return pool.match(root, tokens, word.length() * 16 + 1);
    }

    int matched(SegmentId root, String word) {
        return pool.matchedTokens(root, tokens(word + "?"), word.length() * 16 + 1) / 16;
    }

    List<SlotAddress> alloc(int count) {
        return pool.alloc(count, Tier.DEVICE).orElseThrow();
    }

    /** Matches a word, computes the rest of it, and keeps it pinned. */
    PinnedPrefix compute(SegmentId root, String word) {
        PinnedPrefix prefix = match(root, word);
        return pool.insert(prefix, tokens(word), alloc(word.length() - prefix.segments()));
    }

    /** Leaves a word in the tree, unpinned. */
    void store(SegmentId root, String word) {
        pool.release(compute(root, word));
    }

    PoolUsage usage() {
        return pool.usage(Tier.DEVICE);
    }

    static List<SlotAddress> addresses(PinnedPrefix prefix) {
        List<SlotAddress> addresses = new ArrayList<>();
        for (int i = 0; i < prefix.segments(); i++) {
            addresses.add(prefix.address(i));
        }
        return addresses;
    }
}
