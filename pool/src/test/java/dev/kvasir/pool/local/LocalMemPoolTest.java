package dev.kvasir.pool.local;

import static dev.kvasir.pool.local.PoolFixture.ANN;
import static dev.kvasir.pool.local.PoolFixture.BOB;
import static dev.kvasir.pool.local.PoolFixture.LAYOUT;
import static dev.kvasir.pool.local.PoolFixture.addresses;
import static dev.kvasir.pool.local.PoolFixture.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalMemPoolTest {
    private final PoolFixture f = new PoolFixture(8);
    private final LocalMemPool pool = f.pool;

    @AfterEach
    void booksAreInOrder() {
        pool.checkInvariants();
    }

    @Test
    void startsWithAllSlotsFree() {
        assertThat(f.usage()).isEqualTo(new PoolUsage(8, 8, 0, 0, 0, 0, 0, 0, 0));
        assertThat(pool.capacity(Tier.DEVICE)).isEqualTo(8);
        assertThat(pool.layout()).isEqualTo(LAYOUT);
    }

    @Test
    void aMissIsAPrefixOfNoSegments() {
        PinnedPrefix prefix = f.match(ANN, "AB");
        assertThat(prefix.segments()).isZero();
        assertThat(prefix.tokens()).isZero();
        pool.release(prefix);
    }

    @Test
    void findsWhatWasInserted() {
        List<SlotAddress> slots = f.alloc(2);
        pool.release(pool.insert(f.match(ANN, ""), tokens("AB"), slots));

        PinnedPrefix hit = f.match(ANN, "ABC");
        assertThat(addresses(hit)).isEqualTo(slots);
        assertThat(hit.tokens()).isEqualTo(32);
        assertThat(hit.id(0)).isEqualTo(SegmentIdentity.next(ANN, tokens("AB"), 0, 16));
        assertThat(hit.id(1)).isEqualTo(SegmentIdentity.next(hit.id(0), tokens("AB"), 16, 32));
        assertThat(f.usage()).isEqualTo(new PoolUsage(8, 6, 0, 0, 2, 2, 2, 0, 0));
    }

    @Test
    void leavesTheLastTokenOfAPromptToBeComputed() {
        f.store(ANN, "AB");
        assertThat(pool.matchedTokens(ANN, tokens("AB"), 32)).isEqualTo(16);
        assertThat(pool.matchedTokens(ANN, tokens("ABC"), 33)).isEqualTo(32);
        PinnedPrefix whole = pool.match(ANN, tokens("AB"), 32);
        assertThat(whole.tokens()).isEqualTo(16);
        PinnedPrefix one = pool.match(ANN, tokens("AB"), 16);
        assertThat(one.tokens()).isZero();
        PinnedPrefix none = pool.match(ANN, new int[0], 0);
        assertThat(none.tokens()).isZero();
    }

    @Test
    void matchesWholeSegmentsOnly() {
        f.store(ANN, "AB");
        assertThat(f.matched(ANN, "Ab")).isEqualTo(1);
        assertThat(f.matched(ANN, "aB")).isZero();
        assertThat(pool.matchedTokens(ANN, tokens("AB"), 31)).isEqualTo(16);
    }

    @Test
    void refusesALengthBeyondTheTokens() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.match(ANN, new int[16], 17))
                .withMessage("cannot match 17 of 16 tokens");
        assertThatIllegalArgumentException().isThrownBy(() -> pool.matchedTokens(ANN, new int[16], -1));
    }

    @Test
    void askingHowMuchWouldMatchChangesNothing() {
        f.store(ANN, "AB");
        f.store(BOB, "XY");
        PoolUsage before = f.usage();
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
        assertThat(f.usage()).isEqualTo(before);
        f.alloc(8 - 4 + 1);
        assertThat(f.matched(ANN, "AB")).as("still the least recently used").isEqualTo(1);
        assertThat(f.matched(BOB, "XY")).isEqualTo(2);
    }

    @Test
    void sequencesShareTheSegmentsBeforeTheyDiverge() {
        PinnedPrefix first = f.compute(ANN, "ABCD");
        PinnedPrefix second = f.compute(ANN, "ABXY");
        assertThat(addresses(second).subList(0, 2)).isEqualTo(addresses(first).subList(0, 2));
        assertThat(f.usage().sealed()).isEqualTo(6);
        assertThat(f.matched(ANN, "ABCD")).isEqualTo(4);
        assertThat(f.matched(ANN, "ABXY")).isEqualTo(4);
        assertThat(f.matched(ANN, "ABXD")).isEqualTo(3);
    }

    @Test
    void aHandleSurvivesTheSplitOfItsRun() {
        PinnedPrefix whole = f.compute(ANN, "ABCD");
        List<SlotAddress> before = addresses(whole);
        PinnedPrefix half = f.match(ANN, "AB");
        PinnedPrefix third = f.match(ANN, "ABC");
        assertThat(addresses(whole)).isEqualTo(before);
        assertThat(addresses(half)).isEqualTo(before.subList(0, 2));
        pool.checkInvariants();

        PinnedPrefix grown = pool.insert(whole, tokens("ABCDE"), f.alloc(1));
        assertThat(addresses(grown).subList(0, 4)).isEqualTo(before);
        pool.release(grown);
        assertThat(f.usage().pinned()).isEqualTo(3);
        pool.release(third);
        assertThat(f.usage().pinned()).isEqualTo(2);
    }

    @Test
    void oneContentTakesOneSlot() {
        PinnedPrefix first = f.match(ANN, "ABC");
        PinnedPrefix second = f.match(ANN, "ABX");
        List<SlotAddress> slots = f.alloc(3);
        List<SlotAddress> duplicates = f.alloc(3);
        first = pool.insert(first, tokens("ABC"), slots);
        second = pool.insert(second, tokens("ABX"), duplicates);

        assertThat(addresses(second)).containsExactly(slots.get(0), slots.get(1), duplicates.get(2));
        assertThat(second.id(1)).isEqualTo(first.id(1));
        assertThat(f.usage()).isEqualTo(new PoolUsage(8, 4, 0, 0, 4, 4, 4, 2, 0));
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.free(duplicates.subList(0, 1)))
                .withMessage("slot " + duplicates.get(0).slot() + " is already free, not writing");
    }

    @Test
    void aSequenceThatGrowsKeepsItsAddresses() {
        PinnedPrefix prefix = f.match(ANN, "");
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            word.append((char) ('A' + i));
            List<SlotAddress> before = addresses(prefix);
            List<SlotAddress> slot = f.alloc(1);
            prefix = pool.insert(prefix, tokens(word.toString()), slot);
            assertThat(addresses(prefix).subList(0, i)).isEqualTo(before);
            assertThat(prefix.address(i)).isEqualTo(slot.get(0));
            pool.checkInvariants();
        }
        assertThat(f.usage().pinned()).isEqualTo(8);
        pool.release(prefix);
        assertThat(f.matched(ANN, "ABCDEFGH")).isEqualTo(8);
    }

    @Test
    void whatOneReaderAddsIsNotPinnedForTheOthers() {
        PinnedPrefix first = f.compute(ANN, "AB");
        PinnedPrefix second = f.match(ANN, "AB");
        pool.release(pool.insert(first, tokens("ABC"), f.alloc(1)));
        assertThat(f.usage().pinned()).isEqualTo(2);
        assertThat(second.segments()).isEqualTo(2);
    }

    @Test
    void tenantsNeverShare() {
        PinnedPrefix ann = f.compute(ANN, "AB");
        assertThat(f.matched(BOB, "AB")).isZero();
        PinnedPrefix bob = f.compute(BOB, "AB");
        assertThat(addresses(bob)).doesNotContainAnyElementsOf(addresses(ann));
        assertThat(bob.id(0)).isNotEqualTo(ann.id(0));
        assertThat(f.usage().duplicates()).isZero();
        pool.release(bob);
        assertThat(pool.delete(BOB, tokens("AB"))).isEqualTo(2);
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void pinnedSegmentsAreNotEvicted() {
        PinnedPrefix pinned = f.compute(ANN, "AB");
        f.store(ANN, "ABCD");
        assertThat(f.alloc(6)).doesNotContainAnyElementsOf(addresses(pinned));
        assertThat(pool.alloc(1, Tier.DEVICE)).isEmpty();
        assertThat(f.matched(ANN, "ABCD")).isEqualTo(2);
    }

    @Test
    void evictsTheLeastRecentlyUsedLeafFirst() {
        f.store(ANN, "AB");
        f.store(ANN, "AC");
        f.store(BOB, "AB");
        pool.release(f.match(ANN, "AB")); // now older to newer: C, Bob's, Ann's A and B
        f.alloc(3);

        f.alloc(1);
        assertThat(f.matched(ANN, "AC")).isEqualTo(1);
        f.alloc(1);
        assertThat(f.matched(BOB, "AB")).as("the end of a run goes first").isEqualTo(1);
        f.alloc(1);
        assertThat(f.matched(BOB, "AB")).isZero();
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
        f.alloc(1);
        assertThat(f.matched(ANN, "AB")).isEqualTo(1);
        assertThat(f.usage().evicted()).isEqualTo(4);
    }

    @Test
    void aReleaseCountsAsAUse() {
        PinnedPrefix longRunning = f.compute(ANN, "AB");
        f.store(BOB, "XY");
        pool.release(longRunning);
        f.alloc(4 + 1);
        assertThat(f.matched(BOB, "XY")).isEqualTo(1);
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void anAllocationThatCannotSucceedEvictsNothing() {
        PinnedPrefix pinned = f.compute(ANN, "AB");
        f.store(BOB, "XYZ");
        PoolUsage before = f.usage();
        assertThat(before.available()).isEqualTo(6);
        assertThat(pool.alloc(7, Tier.DEVICE)).isEmpty();
        assertThat(pool.alloc(Integer.MAX_VALUE, Tier.DEVICE)).isEmpty();
        assertThat(f.usage()).isEqualTo(before);
        assertThat(f.matched(BOB, "XYZ")).isEqualTo(3);
        assertThat(f.alloc(6)).hasSize(6);
        pool.release(pinned);
    }

    @Test
    void anAllocationOfNothingAlwaysSucceeds() {
        f.alloc(8);
        assertThat(f.alloc(0)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.alloc(-1, Tier.DEVICE))
                .withMessage("cannot allocate -1 slots");
    }

    @Test
    void slotsAreZeroedWhenHandedOut() {
        for (SlotAddress address : f.alloc(8)) {
            f.storage.slot(address.slot()).putFloat(LAYOUT.segmentBytes() - 4, Float.NaN);
            pool.free(List.of(address));
        }
        for (SlotAddress address : f.alloc(8)) {
            assertThat(f.storage.slot(address.slot()).mismatch(ByteBuffer.allocate(LAYOUT.segmentBytes())))
                    .isEqualTo(-1);
        }
    }

    @Test
    void freeingDoesNotTouchTheIndex() {
        f.store(ANN, "AB");
        List<SlotAddress> slots = f.alloc(6);
        pool.free(slots);
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
        assertThat(f.usage()).isEqualTo(new PoolUsage(8, 6, 0, 0, 2, 0, 2, 0, 0));
    }

    @Test
    void refusesToFreeASlotThatIsNotWriting() {
        List<SlotAddress> slots = f.alloc(2);
        pool.free(slots.subList(0, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.free(slots.subList(0, 1)))
                .withMessage("slot 0 is already free, not writing");
        PinnedPrefix prefix = pool.insert(f.match(ANN, ""), tokens("A"), slots.subList(1, 2));
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.free(List.of(prefix.address(0))))
                .withMessage("slot 1 is sealed, not writing");
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.free(List.of(new SlotAddress(0, Tier.DEVICE, 8))))
                .withMessageContaining("slot=8")
                .withMessageContaining("node 0 has 8 slots");
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.free(List.of(new SlotAddress(3, Tier.DEVICE, 1))))
                .withMessageContaining("node=3");
    }

    @Test
    void anInsertThatIsRefusedChangesNothing() {
        PinnedPrefix prefix = f.compute(ANN, "A");
        List<SlotAddress> slots = f.alloc(2);
        SlotAddress freed = slots.get(1);
        pool.free(slots.subList(1, 2));
        PoolUsage before = f.usage();

        assertThatIllegalStateException()
                .isThrownBy(() -> pool.insert(prefix, tokens("ABC"), slots))
                .withMessage("slot " + freed.slot() + " is already free, not writing");
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.insert(prefix, tokens("ABC"), List.of(slots.get(0), slots.get(0))))
                .withMessage("slot " + slots.get(0).slot() + " is offered twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.insert(prefix, tokens("A"), slots.subList(0, 1)))
                .withMessage("2 segments of 16 tokens need 32 tokens, not 16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.insert(prefix, tokens("aB"), slots.subList(0, 1)))
                .withMessage("token 15 is 97, but the prefix of 16 tokens has 65");

        assertThat(f.usage()).isEqualTo(before);
        assertThat(prefix.segments()).isEqualTo(1);
        pool.release(pool.insert(prefix, tokens("AB"), slots.subList(0, 1)));
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void anInsertOfNothingOnlyRenewsTheHandle() {
        PinnedPrefix prefix = f.compute(ANN, "AB");
        PinnedPrefix same = pool.insert(prefix, tokens("AB"), List.of());
        assertThat(same.segments()).isEqualTo(2);
        assertThatIllegalStateException().isThrownBy(prefix::segments);
        pool.release(same);
        assertThat(f.usage().pinned()).isZero();
    }

    @Test
    void aHandleIsDeadAfterItsRelease() {
        PinnedPrefix prefix = f.compute(ANN, "ABC");
        pool.release(prefix);
        String message = "a prefix of 3 segments was used after it was released";
        assertThatIllegalStateException().isThrownBy(() -> pool.release(prefix)).withMessage(message);
        assertThatIllegalStateException().isThrownBy(() -> prefix.address(0)).withMessage(message);
        assertThatIllegalStateException().isThrownBy(() -> prefix.id(0)).withMessage(message);
        assertThatIllegalStateException().isThrownBy(prefix::tokens).withMessage(message);
        List<SlotAddress> slots = f.alloc(1);
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.insert(prefix, tokens("ABCD"), slots))
                .withMessage(message);
        assertThat(f.usage().writing()).isEqualTo(1);
    }

    @Test
    void aHandleIsDeadAfterAnInsert() {
        PinnedPrefix prefix = f.compute(ANN, "AB");
        PinnedPrefix grown = pool.insert(prefix, tokens("ABC"), f.alloc(1));
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.release(prefix))
                .withMessage("a prefix of 2 segments was used after it was handed to insert");
        assertThat(f.usage().pinned()).isEqualTo(3);
        pool.release(grown);
    }

    @Test
    void aHandleHasNoSegmentBeyondItsEnd() {
        PinnedPrefix prefix = f.compute(ANN, "AB");
        assertThat(catchThrowable(() -> prefix.address(2)))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .hasMessage("a prefix of 2 segments has no segment 2");
    }

    @Test
    void refusesAHandleOfAnotherPool() {
        PinnedPrefix foreign = new PoolFixture(8).compute(ANN, "AB");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pool.release(foreign))
                .withMessage("the prefix is not one of this pool: prefix of 2 segments");
    }

    @Test
    void deleteDropsTheSegmentsAndAllBelowThem() {
        f.store(ANN, "ABC");
        f.store(ANN, "AXY");
        f.store(ANN, "Z");
        assertThat(pool.delete(ANN, tokens("AB"))).isEqualTo(5);
        assertThat(f.matched(ANN, "ABC")).isZero();
        assertThat(f.matched(ANN, "AXY")).isZero();
        assertThat(f.matched(ANN, "Z")).isEqualTo(1);
        assertThat(f.usage()).isEqualTo(new PoolUsage(8, 7, 0, 0, 1, 0, 6, 0, 0));
    }

    @Test
    void deleteSparesWhatIsPinnedAndWhatLeadsToIt() {
        f.store(ANN, "ABCD");
        f.store(ANN, "AXY");
        PinnedPrefix pinned = f.match(ANN, "ABC");
        assertThat(pool.delete(ANN, tokens("A"))).isEqualTo(3);
        assertThat(f.matched(ANN, "ABCD")).isEqualTo(3);
        assertThat(f.matched(ANN, "AXY")).isEqualTo(1);
        assertThat(f.usage().pinned()).isEqualTo(3);
        pool.release(pinned);
        assertThat(pool.delete(ANN, tokens("A"))).isEqualTo(3);
        assertThat(f.usage().free()).isEqualTo(8);
    }

    @Test
    void deleteOfWhatIsNotThereDropsNothing() {
        f.store(ANN, "AB");
        assertThat(pool.delete(BOB, tokens("AB"))).isZero();
        assertThat(pool.delete(ANN, tokens("X"))).isZero();
        assertThat(pool.delete(ANN, new int[0])).isZero();
        assertThat(pool.delete(ANN, new int[15])).isZero();
        assertThat(f.matched(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void refusesAStorageOfAnotherLayout() {
        KvLayout larger = new KvLayout(2, 1, 2, 16, KvDtype.FLOAT32);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LocalMemPool(larger, 0, f.storage, new LruPolicy()))
                .withMessage("slots have 256 bytes, a segment needs 512");
    }

    @Test
    void theSameCallsGiveTheSameAddresses() {
        PoolFixture twin = new PoolFixture(8);
        for (String word : List.of("ABCD", "ABXY", "PQRST", "AB", "ABXYZ", "ABCDEFGH")) {
            SegmentId tenant = word.startsWith("P") ? BOB : ANN;
            PinnedPrefix here = f.compute(tenant, word);
            PinnedPrefix there = twin.compute(tenant, word);
            assertThat(addresses(here)).isEqualTo(addresses(there));
            pool.release(here);
            twin.pool.release(there);
        }
        assertThat(f.usage().evicted()).isPositive();
    }
}
