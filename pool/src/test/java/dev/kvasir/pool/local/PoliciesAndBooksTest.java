package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Whatever the policy: the books stay right, what is pinned stays, and everything that isn't can be had. */
class PoliciesAndBooksTest {
    private static final int SLOTS = 24;

    @RandomizedTest(10)
    void everyPolicyKeepsTheBooksInOrder(SplittableRandom random) {
        for (EvictionPolicies policy : EvictionPolicies.values()) {
            PoolFixture f = new PoolFixture(SLOTS, policy.create(SLOTS));
            List<PinnedPrefix> readers = new ArrayList<>();
            List<List<SlotAddress>> pinned = new ArrayList<>();
            for (int step = 0; step < 500; step++) {
                if (readers.size() == 3 || (!readers.isEmpty() && random.nextInt(3) == 0)) {
                    int leaving = random.nextInt(readers.size());
                    f.pool.release(readers.remove(leaving));
                    pinned.remove(leaving);
                } else {
                    compute(f, random).ifPresent(reader -> {
                        readers.add(reader);
                        pinned.add(PoolFixture.addresses(reader));
                    });
                }
                f.pool.checkInvariants();
                for (int i = 0; i < readers.size(); i++) {
                    assertThat(PoolFixture.addresses(readers.get(i))).isEqualTo(pinned.get(i));
                }
            }
            readers.forEach(f.pool::release);
            assertThat(f.pool.alloc(SLOTS, Tier.DEVICE))
                    .as("%s gives up everything", policy)
                    .isPresent();
            f.pool.checkInvariants();
        }
    }

    /** Matches a random word of 1 to 7 segments and computes its rest, if there is room beside the other readers. */
    private static Optional<PinnedPrefix> compute(PoolFixture f, SplittableRandom random) {
        SegmentId root = random.nextBoolean() ? PoolFixture.ANN : PoolFixture.BOB;
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            word.append("abc".charAt(random.nextInt(3)));
        }
        PinnedPrefix prefix = f.match(root, word.toString());
        Optional<List<SlotAddress>> slots = f.pool.alloc(word.length() - prefix.segments(), Tier.DEVICE);
        if (slots.isEmpty()) {
            f.pool.release(prefix);
            return Optional.empty();
        }
        return Optional.of(f.pool.insert(prefix, PoolFixture.tokens(word.toString()), slots.get()));
    }
}
