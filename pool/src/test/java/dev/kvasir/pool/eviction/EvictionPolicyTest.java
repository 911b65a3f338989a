package dev.kvasir.pool.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every policy owes its owner, and each policy beside its plain form. */
class EvictionPolicyTest {
    private static final int SLOTS = 64;
    private static final int SAMPLE = 4 * SLOTS; // uses after which a sketch for 64 things halves
    private static final long HALF_LIFE = 50;

    @RandomizedTest(10)
    void lruIsItsPlainForm(SplittableRandom random) {
        new Owner(random, new LruPolicy(), new NaivePolicy.Lru()).steps(2_000);
    }

    @RandomizedTest(10)
    void lfuIsItsPlainForm(SplittableRandom random) {
        new Owner(random, new LfuPolicy(HALF_LIFE), new NaivePolicy.Lfu(HALF_LIFE)).steps(2_000);
    }

    @RandomizedTest(20)
    void tinyLfuIsItsPlainForm(SplittableRandom random) {
        double share = random.nextInt(3) * 0.3;
        new Owner(random, new TinyLfuPolicy(SLOTS, HALF_LIFE, share), new NaivePolicy.TinyLfu(HALF_LIFE, share, SAMPLE))
                .steps(2_000);
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyPolicyNamesNobody(EvictionPolicies policies) {
        EvictionPolicy policy = policies.create(8);
        assertThat(policy.victim()).isEmpty();
        TestLeaf leaf = new TestLeaf(1, 1, 0, 1);
        policy.add(leaf);
        assertThat(policy.victim()).containsSame(leaf);
        policy.remove(leaf);
        assertThat(policy.victim()).isEmpty();
        assertThat(policy.size()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void theSameLeafTwiceOrAnUnknownOneIsTheOwnersMistake(EvictionPolicies policies) {
        EvictionPolicy policy = policies.create(8);
        TestLeaf leaf = new TestLeaf(1, 1, 0, 1);
        policy.add(leaf);
        assertThatIllegalStateException().isThrownBy(() -> policy.add(leaf)).withMessageContaining("at 1");
        assertThatIllegalStateException()
                .isThrownBy(() -> policy.remove(new TestLeaf(2, 2, 0, 1)))
                .withMessageContaining("at 2");
        assertThat(policy.size()).isOne();
    }

    @ParameterizedTest
    @EnumSource
    void aLongRunIsNamedForEachOfItsSegments(EvictionPolicies policies) {
        EvictionPolicy policy = policies.create(8);
        TestLeaf run = new TestLeaf(1, 1, 0, 5);
        policy.add(run);
        policy.add(new TestLeaf(2, 2, 3, 1));
        while (run.segments > 0) {
            assertThat(policy.victim()).containsSame(run);
            run.segments--;
        }
        policy.remove(run);
        assertThat(policy.victim()).isPresent().get().isNotSameAs(run);
    }

    @Test
    void whatHasHitsStaysUntilTheyHaveAged() {
        EvictionPolicy lfu = new LfuPolicy(100);
        TestLeaf favourite = new TestLeaf(1, 0, 3, 1); // two half-lives
        TestLeaf soon = new TestLeaf(2, 199, 0, 1);
        lfu.add(favourite);
        lfu.add(soon);
        assertThat(lfu.victim()).containsSame(soon);
        lfu.remove(soon);
        lfu.add(new TestLeaf(3, 201, 0, 1));
        assertThat(lfu.victim()).containsSame(favourite);
    }

    @Test
    void noNumberOfHitsOutlivesFourHalfLives() {
        EvictionPolicy lfu = new LfuPolicy(100);
        TestLeaf favourite = new TestLeaf(1, 0, 1_000_000, 1);
        lfu.add(favourite);
        lfu.add(new TestLeaf(2, 401, 0, 1));
        assertThat(lfu.victim()).containsSame(favourite);
    }

    @Test
    void whatCameBackOftenOutranksANewcomer() {
        EvictionPolicy policy = new TinyLfuPolicy(SLOTS, 1000, 0);
        for (int use = 1; use <= 5; use++) {
            TestLeaf again = new TestLeaf(7, use, 0, 1); // evicted each time: it never gets a hit
            policy.add(again);
            policy.remove(again);
        }
        TestLeaf known = new TestLeaf(7, 6, 0, 1);
        TestLeaf unknown = new TestLeaf(8, 7, 0, 1);
        policy.add(known);
        policy.add(unknown);
        assertThat(policy.victim()).containsSame(unknown);
    }

    @Test
    void aNewcomerIsSafeInTheWindowButNotOneThatIsLonger() {
        EvictionPolicy policy = new TinyLfuPolicy(SLOTS, 1000, 0.25);
        TestLeaf old = new TestLeaf(1, 1, 5, 8);
        policy.add(old);
        policy.add(new TestLeaf(2, 2, 0, 2));
        assertThat(policy.victim()).containsSame(old);
        TestLeaf tooLong = new TestLeaf(3, 3, 0, 4);
        policy.add(tooLong);
        assertThat(policy.victim()).isPresent().get().isNotSameAs(old);
    }

    @Test
    void policiesAreFoundByName() {
        assertThat(EvictionPolicies.of("lru").create(1)).isInstanceOf(LruPolicy.class);
        assertThat(EvictionPolicies.of("lfu").create(1)).isInstanceOf(LfuPolicy.class);
        assertThat(EvictionPolicies.of("tinylfu").create(1)).isInstanceOf(TinyLfuPolicy.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EvictionPolicies.of("fifo"))
                .withMessage("an eviction policy is one of lru, lfu, tinylfu, not fifo");
    }

    /** An owner that does what a prefix tree or a tier could do, and asks both policies the same after each step. */
    private static final class Owner {
        private static final int CONTENTS = 60;
        private static final int MOST_HITS = 20; // more than count

        private final SplittableRandom random;
        private final EvictionPolicy policy;
        private final EvictionPolicy naive;
        private final List<TestLeaf> leaves = new ArrayList<>();
        private long uses;

        Owner(SplittableRandom random, EvictionPolicy policy, EvictionPolicy naive) {
            this.random = random;
            this.policy = policy;
            this.naive = naive;
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                step();
                assertThat(policy.size()).isEqualTo(leaves.size());
                assertThat(policy.victim()).isEqualTo(naive.victim());
                assertThat(policy.victim()).as("asked again").isEqualTo(naive.victim());
            }
        }

        private void step() {
            int what = random.nextInt(10);
            if (leaves.isEmpty() || what < 4) {
                uses += 1 + random.nextInt(3);
                add(new TestLeaf(random.nextInt(CONTENTS), uses, 0, 1 + random.nextInt(6)));
            } else if (what < 7) {
                use(leaves.get(random.nextInt(leaves.size())));
            } else if (what < 9) {
                evict();
            } else {
                remove(leaves.get(random.nextInt(leaves.size())));
            }
        }

        private void use(TestLeaf leaf) {
            remove(leaf);
            uses += 1 + random.nextInt(3);
            leaf.lastUse = uses;
            leaf.hits = random.nextInt(MOST_HITS);
            add(leaf);
        }

        /** Takes a segment away; a run that ends so may leave its parent behind as a leaf, which was used no earlier. */
        private void evict() {
            TestLeaf victim = (TestLeaf) policy.victim().orElseThrow();
            victim.segments--;
            if (victim.segments == 0) {
                remove(victim);
                if (random.nextBoolean()) {
                    int hits = random.nextInt(MOST_HITS);
                    add(new TestLeaf(random.nextInt(CONTENTS), victim.lastUse, hits, 1 + random.nextInt(6)));
                }
            }
        }

        private void add(TestLeaf leaf) {
            leaves.add(leaf);
            policy.add(leaf);
            naive.add(leaf);
        }

        private void remove(TestLeaf leaf) {
            leaves.remove(leaf);
            policy.remove(leaf);
            naive.remove(leaf);
        }
    }
}
