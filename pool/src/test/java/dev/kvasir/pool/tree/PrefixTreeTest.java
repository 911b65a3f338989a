package dev.kvasir.pool.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.Evictable;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.eviction.LruPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefixTreeTest {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    private final PrefixTree tree = new PrefixTree(2, new LruPolicy());
    private final List<SlotAddress> gone = new ArrayList<>();
    private int nextSlot;

    @Test
    void aSequenceAloneIsOneRun() {
        PinnedPath path = tree.match(ROOT, new int[0], 0);
        int[] tokens = IntStream.range(0, 100).toArray();
        for (int end = 2; end <= tokens.length; end += 2) {
            path = tree.insert(path, Arrays.copyOf(tokens, end), slots(1), gone::add);
        }
        assertThat(path.end().segments()).isEqualTo(50);
        assertThat(path.end().parent()).isNotNull().matches(Run::isRoot);
        audit();
    }

    @Test
    void aRunSplitsWhereSequencesDiverge() {
        PinnedPath one = insert(1, 1, 2, 2, 3, 3);
        PinnedPath other = insert(1, 1, 2, 2, 4, 4);
        assertThat(one.end().segments()).isEqualTo(1);
        assertThat(other.end().segments()).isEqualTo(1);
        assertThat(one.end().parent())
                .isSameAs(other.end().parent())
                .matches(run -> run.segments() == 2 && run.pins == 2);
        audit();
    }

    @Test
    void aMatchSplitsTheRunInWhichItEnds() {
        PinnedPath whole = insert(1, 1, 2, 2, 3, 3);
        PinnedPath half = tree.match(ROOT, new int[] {1, 1, 2, 2, 9, 9}, 3);
        assertThat(half.end()).isSameAs(whole.end().parent());
        assertThat(half.end().pins).isEqualTo(2);
        assertThat(whole.end().pins).isEqualTo(1);
        audit();
    }

    @Test
    void segmentsWithTheSameHashStayApart() {
        // 31 h + t: adding 1 to a token and taking 31 from the next one keeps the hash.
        List<PinnedPath> paths = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            assertThat(new SegmentKey(new int[] {i, -31 * i}, 0, 2))
                    .hasSameHashCodeAs(new SegmentKey(new int[2], 0, 2));
            paths.add(insert(i, -31 * i));
        }
        for (int i = 0; i < 200; i++) {
            PinnedPath found = tree.match(ROOT, new int[] {i, -31 * i}, 1);
            assertThat(found.address(0)).isEqualTo(paths.get(i).address(0));
            tree.release(found);
        }
        assertThat(tree.matched(ROOT, new int[] {200, -31 * 200}, 1)).isZero();
        audit();
    }

    @Test
    void rootsWithoutSegmentsAndReadersAreDropped() {
        for (int tenant = 0; tenant < 1000; tenant++) {
            SegmentId root = new SegmentId(tenant, 0, 0, 0);
            PinnedPath miss = tree.match(root, new int[] {1, 1}, 1);
            assertThat(tree.roots()).isEqualTo(1);
            tree.release(miss);
            assertThat(tree.roots()).isZero();
            assertThat(tree.matched(root, new int[] {1, 1}, 1)).isZero();
        }
        assertThat(tree.roots()).isZero();
    }

    @Test
    void aRootGoesWithItsLastSegment() {
        tree.release(insert(1, 1, 2, 2));
        tree.evict();
        assertThat(tree.roots()).isEqualTo(1);
        tree.evict();
        assertThat(tree.roots()).isZero();

        tree.release(insert(1, 1, 2, 2));
        tree.delete(ROOT, new int[] {1, 1}, held -> gone.add(held.address()));
        assertThat(tree.roots()).isZero();
        assertThat(gone).hasSize(2);
        audit();
    }

    @Test
    void anEmptyPathKeepsItsRoot() {
        PinnedPath early = tree.match(ROOT, new int[0], 0);
        tree.release(insert(1, 1));
        tree.delete(ROOT, new int[] {1, 1}, held -> gone.add(held.address()));
        PinnedPath grown = tree.insert(early, new int[] {5, 5}, slots(1), gone::add);
        assertThat(tree.matched(ROOT, new int[] {5, 5}, 1)).isEqualTo(1);
        tree.release(grown);
        audit();
    }

    @Test
    void aTreeAsDeepAsItHasSegmentsCanBeAuditedAndDeleted() {
        int depth = 10_000; // recursion would need a large stack
        int[] tokens = IntStream.range(0, 2 * depth).toArray();
        PinnedPath whole = tree.insert(tree.match(ROOT, tokens, 0), tokens, slots(depth), gone::add);
        tree.release(whole);
        for (int segments = depth - 1; segments > 0; segments--) {
            tree.release(tree.match(ROOT, tokens, segments)); // cuts one segment off the top run
        }
        audit();
        tree.delete(ROOT, tokens, held -> gone.add(held.address()));
        assertThat(tree.segments()).isZero();
        assertThat(gone).hasSize(depth);
    }

    @Test
    void evictsInTheOrderOfItsPolicy() {
        PrefixTree newestFirst = new PrefixTree(2, new NewestFirst());
        for (int i = 0; i < 3; i++) {
            newestFirst.release(newestFirst.insert(
                    newestFirst.match(ROOT, new int[0], 0),
                    new int[] {i, i},
                    List.of(new SlotAddress(0, Tier.DEVICE, i)),
                    gone::add));
        }
        newestFirst.release(newestFirst.match(ROOT, new int[] {1, 1}, 1));
        assertThat(IntStream.range(0, 3)
                        .mapToObj(
                                i -> newestFirst.evict().orElseThrow().address().slot()))
                .containsExactly(1, 2, 0);
        assertThat(newestFirst.evict()).isEmpty();
    }

    @Test
    void evictsNothingWhileEverythingIsPinned() {
        PinnedPath path = insert(1, 1, 2, 2);
        assertThat(tree.evict()).isEmpty();
        tree.release(path);
        assertThat(tree.evict().orElseThrow().address()).isEqualTo(new SlotAddress(0, Tier.DEVICE, 1));
    }

    @Test
    void refusesAVictimThatIsPinned() {
        PrefixTree badly = new PrefixTree(2, new Forgetful());
        badly.release(badly.insert(badly.match(ROOT, new int[0], 0), new int[] {1, 1}, slots(1), gone::add));
        badly.match(ROOT, new int[] {1, 1}, 1);
        assertThatIllegalStateException()
                .isThrownBy(badly::evict)
                .withMessage("the policy named a run that has 1 pins and 0 children");
    }

    @Test
    void theAuditSeesAWrongPin() {
        insert(1, 1, 2, 2).end().pins++;
        assertThatIllegalStateException()
                .isThrownBy(this::audit)
                .withMessage("pins of a run of 0 segments: 1 counted, 2 there");
    }

    @Test
    void theAuditSeesAChildNewerThanItsParent() {
        PinnedPath path = insert(1, 1, 2, 2);
        tree.match(ROOT, new int[] {1, 1}, 1);
        path.end().lastUse = 99;
        assertThatIllegalStateException().isThrownBy(this::audit).withMessage("a run was used at 99, its parent at 4");
    }

    @Test
    void theAuditSeesTokensThatAreNotThoseOfTheirIdentity() {
        insert(1, 1, 2, 2).end().tokens()[3] = 7;
        assertThatIllegalStateException().isThrownBy(this::audit).withMessageContaining("has tokens of");
    }

    @Test
    void theAuditSeesARunUnderTheWrongKey() {
        insert(1, 1, 2, 2).end().tokens()[0] = 7;
        assertThatIllegalStateException()
                .isThrownBy(this::audit)
                .withMessage("a run is not the child that its first segment leads to");
    }

    @Test
    void theAuditSeesALeafThatThePolicyDoesNotKnow() {
        PinnedPath path = insert(1, 1);
        Run run = path.end();
        tree.release(path);
        run.evictable = false;
        assertThatIllegalStateException().isThrownBy(this::audit).withMessage("a run of 0 pins is not evictable");
    }

    @Test
    void theAuditSeesASegmentThatWasNotCounted() {
        insert(1, 1, 2, 2).end().removeLast();
        assertThatIllegalStateException()
                .isThrownBy(this::audit)
                .withMessage("prefix of 2 segments and its runs differ in segment 1");
    }

    private void audit() {
        Set<SlotAddress> held = new HashSet<>();
        tree.checkInvariants(address -> assertThat(held.add(address)).isTrue());
        assertThat(held).hasSize(tree.segments());
    }

    private PinnedPath insert(int... tokens) {
        PinnedPath prefix = tree.match(ROOT, tokens, tokens.length / 2);
        return tree.insert(prefix, tokens, slots(tokens.length / 2 - prefix.segments()), gone::add);
    }

    private List<SlotAddress> slots(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SlotAddress(0, Tier.DEVICE, nextSlot++))
                .toList();
    }

    /** The opposite of LRU. */
    private static final class NewestFirst implements EvictionPolicy {
        private final Set<Evictable> runs = new HashSet<>();

        @Override
        public void add(Evictable run) {
            runs.add(run);
        }

        @Override
        public void remove(Evictable run) {
            runs.remove(run);
        }

        @Override
        public Optional<Evictable> victim() {
            return runs.stream().max(Comparator.comparingLong(Evictable::lastUse));
        }

        @Override
        public int size() {
            return runs.size();
        }
    }

    /** A policy with a bug: it keeps naming the first run it was told of. */
    private static final class Forgetful implements EvictionPolicy {
        private final List<Evictable> runs = new ArrayList<>();

        @Override
        public void add(Evictable run) {
            runs.add(run);
        }

        @Override
        public void remove(Evictable run) {}

        @Override
        public Optional<Evictable> victim() {
            return runs.stream().findFirst();
        }

        @Override
        public int size() {
            return runs.size();
        }
    }
}
