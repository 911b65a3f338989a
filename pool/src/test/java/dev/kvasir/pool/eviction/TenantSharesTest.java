package dev.kvasir.pool.eviction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants' shares beside their plain form, with a policy that has no memory and one that ages hits. */
class TenantSharesTest {
    private static final int SLOTS = 40;
    private static final int TENANTS = 5;

    @RandomizedTest(20)
    void overLruItIsItsPlainForm(SplittableRandom random) {
        new Owner(random, slots -> new LruPolicy(), slots -> new NaivePolicy.Lru()).steps(2_000);
    }

    @RandomizedTest(20)
    void overLfuItIsItsPlainForm(SplittableRandom random) {
        new Owner(random, LfuPolicy::new, NaivePolicy.Lfu::new).steps(2_000);
    }

    @ParameterizedTest
    @EnumSource
    void whileNobodyIsAboveItsQuotaTheInnerPolicyDecides(EvictionPolicies kind) {
        SplittableRandom random = new SplittableRandom(11);
        EvictionPolicy shares = new TenantShares(kind::create, SLOTS, 0.5);
        EvictionPolicy inner = kind.create(SLOTS);
        List<TestLeaf> leaves = new ArrayList<>();
        for (int use = 1; use <= 500; use++) {
            TestLeaf leaf = new TestLeaf(random.nextInt(60), use, random.nextInt(4), 1);
            leaf.tenant = use % 4;
            leaves.add(leaf);
            shares.add(leaf);
            inner.add(leaf);
            if (leaves.size() > SLOTS) {
                TestLeaf victim = (TestLeaf) shares.victim().orElseThrow();
                assertThat(victim).isSameAs(inner.victim().orElseThrow());
                shares.remove(victim);
                inner.remove(victim);
                leaves.remove(victim);
            }
        }
    }

    @Test
    void aShareIsWholeSlotsAndOneAtLeast() {
        assertThat(new TenantShares(EvictionPolicies.LRU::create, 10, 0.39).quota())
                .isEqualTo(3);
        assertThat(new TenantShares(EvictionPolicies.LRU::create, 10, 0.01).quota())
                .isEqualTo(1);
        assertThat(new TenantShares(EvictionPolicies.LRU::create, 10, 1).quota())
                .isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.01, Double.NaN})
    void whatIsNoShareIsRefused(double share) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TenantShares(EvictionPolicies.LRU::create, 10, share))
                .withMessageContaining(String.valueOf(share));
    }

    /** What is promised, by counting. */
    private static final class Plain {
        private final IntFunction<NaivePolicy> inner;
        private final int quota;
        final List<TestLeaf> leaves = new ArrayList<>();
        final Map<Long, Integer> held = new HashMap<>();

        Plain(IntFunction<NaivePolicy> inner, int quota) {
            this.inner = inner;
            this.quota = quota;
        }

        Optional<Evictable> victim() {
            return leaves.stream()
                    .map(TestLeaf::tenant)
                    .filter(tenant -> held.getOrDefault(tenant, 0) > quota)
                    .max(Comparator.<Long>comparingInt(held::get).thenComparing(Comparator.reverseOrder()))
                    .map(this::victimOf)
                    .orElseGet(() -> least(leaves, SLOTS));
        }

        Optional<Evictable> victimOf(long tenant) {
            return least(leaves.stream().filter(leaf -> leaf.tenant == tenant).toList(), quota);
        }

        /** A tenant's own order is made for its quota, that of all for the tier. */
        private Optional<Evictable> least(List<TestLeaf> some, int slots) {
            NaivePolicy policy = inner.apply(slots);
            some.forEach(policy::add);
            return policy.victim();
        }
    }

    /** An owner that takes and gives up slots at random, some of which can't be evicted. */
    private static final class Owner {
        private final SplittableRandom random;
        private final TenantShares policy;
        private final Plain plain;
        private long uses;

        Owner(SplittableRandom random, IntFunction<EvictionPolicy> inner, IntFunction<NaivePolicy> naive) {
            this.random = random;
            policy = new TenantShares(inner, SLOTS, (1 + random.nextInt(9)) / 10.0);
            plain = new Plain(naive, policy.quota());
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                step();
                policy.checkHeld(held());
                assertThat(policy.size()).isEqualTo(plain.leaves.size());
                assertThat(policy.victim()).isEqualTo(plain.victim());
                long tenant = random.nextInt(TENANTS);
                int has = plain.held.getOrDefault(tenant, 0);
                assertThat(policy.victimOf(tenant)).isEqualTo(plain.victimOf(tenant));
                assertThat(policy.excess(tenant, 2)).isEqualTo(Math.max(0, has + 2 - policy.quota()));
            }
        }

        private Map<Long, Integer> held() {
            Map<Long, Integer> held = new HashMap<>(plain.held);
            held.values().removeIf(count -> count == 0);
            return held;
        }

        private void step() {
            long tenant = random.nextInt(TENANTS);
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> { // a segment that can be evicted
                    hold(tenant, 1);
                    add(leaf(tenant));
                }
                case 3 -> hold(tenant, 1); // one that can't
                case 4 -> { // it's gone
                    if (plain.held.getOrDefault(tenant, 0) > leavesOf(tenant)) {
                        hold(tenant, -1);
                    }
                }
                case 5 -> policy.victimOf(tenant).ifPresent(this::evict);
                case 6 -> policy.victim().ifPresent(this::evict);
                default -> { // used
                    if (!plain.leaves.isEmpty()) {
                        TestLeaf leaf = plain.leaves.get(random.nextInt(plain.leaves.size()));
                        remove(leaf);
                        leaf.lastUse = ++uses;
                        leaf.hits = hits();
                        add(leaf);
                    }
                }
            }
        }

        private int leavesOf(long tenant) {
            return (int)
                    plain.leaves.stream().filter(leaf -> leaf.tenant == tenant).count();
        }

        private TestLeaf leaf(long tenant) {
            TestLeaf leaf = new TestLeaf(random.nextInt(100), ++uses, hits(), 1);
            leaf.tenant = tenant;
            return leaf;
        }

        /** One less than a power of two: a rank is a rounded logarithm, and the plain form doesn't round. */
        private int hits() {
            return (1 << random.nextInt(4)) - 1;
        }

        private void evict(Evictable victim) {
            remove((TestLeaf) victim);
            hold(victim.tenant(), -1);
        }

        private void hold(long tenant, int change) {
            plain.held.merge(tenant, change, Integer::sum);
            policy.onHeld(tenant, change);
        }

        private void add(TestLeaf leaf) {
            plain.leaves.add(leaf);
            policy.add(leaf);
        }

        private void remove(TestLeaf leaf) {
            plain.leaves.remove(leaf);
            policy.remove(leaf);
        }
    }
}
