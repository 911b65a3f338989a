package dev.kvasir.pool.loan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.cluster.FlatMemPool;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LenderTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final long LEASE = 1_000;
    private static final int ANN = 2; // borrowers
    private static final int BOB = 3;

    private final AtomicLong now = new AtomicLong();
    private final BufferSlotStorage storage = BufferSlotStorage.heap(LAYOUT, 8);
    private final FlatMemPool pool = new FlatMemPool(new LocalMemPool(LAYOUT, 1, storage, new LruPolicy()));
    private final Lender lender = new Lender(pool, new LoanLimits(3, 2, 5, LEASE, LEASE), now::get);

    /** Computes segments {@code [0, count)} of the sequence of a number. */
    private void store(int number, int count) {
        int[] tokens = tokens(number, count);
        PinnedPrefix empty = pool.pin(ROOT, tokens, 0);
        List<SlotAddress> slots = pool.alloc(count, Tier.DEVICE).orElseThrow();
        slots.forEach(slot -> storage.slot(slot.slot()).putInt(0, number));
        pool.release(pool.insert(empty, tokens, slots));
    }

    private static int[] tokens(int number, int count) {
        int[] tokens = new int[count * 16];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = number * 100 + i / 16;
        }
        return tokens;
    }

    private Lend borrow(int borrower, int number, int count, int... wanted) {
        Lend lend = lender.onBorrow(borrower, new Borrow(9, ROOT, tokens(number, count), wanted));
        lender.checkInvariants();
        pool.checkInvariants();
        return lend;
    }

    private int pinned() {
        return pool.usage(Tier.DEVICE).pinned();
    }

    @AfterEach
    void nothingStaysLentAfterALease() {
        now.addAndGet(LEASE);
        lender.poll();
        lender.checkInvariants();
        assertThat(lender.isIdle()).isTrue();
        assertThat(lender.lentSlots()).isZero();
        assertThat(pinned()).isZero();
    }

    @Test
    void lendsWhatItHasOfWhatIsWanted() {
        store(1, 3);
        Lend lend = borrow(ANN, 1, 5, 0, 2, 4);
        assertThat(lend.request()).isEqualTo(9);
        assertThat(lend.lent()).containsExactly(0, 2);
        assertThat(pinned()).isEqualTo(2);
        try (LoanDesk.Visit visit = lender.visit(ANN, lend.loan()).orElseThrow()) {
            assertThat(visit.has(lend.slots()[0])).isTrue();
            assertThat(visit.has(lend.slots()[1])).isTrue();
            assertThat(visit.has(7)).isFalse();
        }
        assertThat(lender.visit(BOB, lend.loan())).as("somebody else's").isEmpty();
        assertThat(lender.visit(ANN, lend.loan() + 1)).isEmpty();
    }

    @Test
    void whatIsLentIsNotEvicted() {
        store(1, 3);
        Lend lend = borrow(ANN, 1, 3, 1);
        assertThat(pool.evict(Tier.DEVICE, 8)).isEqualTo(2);
        lender.onReturn(BOB, lend.loan());
        assertThat(pool.evict(Tier.DEVICE, 8)).isZero();
        lender.onReturn(ANN, lend.loan());
        lender.onReturn(ANN, lend.loan());
        assertThat(pool.evict(Tier.DEVICE, 8)).isEqualTo(1);
    }

    @Test
    void lendsNoMoreThanItsLimits() {
        store(1, 4);
        assertThat(borrow(ANN, 1, 4, 0, 1, 2, 3).lent())
                .as("segments of a loan")
                .hasSize(3);
        assertThat(borrow(BOB, 1, 4, 0, 1, 2, 3).lent()).as("slots at a time").hasSize(2);
        assertThat(borrow(BOB, 1, 4, 0).lent()).as("no slot is left").isEmpty();
        lender.onLeft(ANN);
        assertThat(borrow(BOB, 1, 4, 0).lent()).hasSize(1);
        assertThat(borrow(BOB, 1, 4, 0).lent()).as("loans to one").isEmpty();
        lender.onLeft(BOB);
        assertThat(lender.isIdle()).isTrue();
    }

    @Test
    void whatDoesNotFitTogetherIsNoLoan() {
        store(1, 2);
        int[] odd = {1, 2, 3};
        assertThat(lender.onBorrow(ANN, new Borrow(1, ROOT, odd, new int[] {0})).lent())
                .isEmpty();
        assertThat(borrow(ANN, 1, 2, 2).lent()).as("behind the tokens").isEmpty();
        assertThat(borrow(ANN, 1, 2, Integer.MAX_VALUE).lent()).isEmpty();
        assertThat(lender.onBorrow(ANN, new Borrow(1, ROOT, new int[0], new int[] {0}))
                        .lent())
                .isEmpty();
    }

    @Test
    void aLoanIsKeptAsLongAsItIsRenewedOrVisited() {
        store(1, 1);
        Lend lend = borrow(ANN, 1, 1, 0);
        for (int i = 0; i < 6; i++) {
            now.addAndGet(LEASE - 1);
            if (i % 2 == 0) {
                lender.onRenew(ANN, new long[] {lend.loan(), 12345});
            } else {
                lender.visit(ANN, lend.loan()).orElseThrow().close();
            }
            lender.onRenew(BOB, new long[] {lend.loan()});
            lender.poll();
            assertThat(pinned()).isEqualTo(1);
        }
        now.addAndGet(LEASE - 1);
        lender.onRenew(BOB, new long[] {lend.loan()});
        lender.poll();
        assertThat(pinned()).isEqualTo(1);
        now.incrementAndGet();
        lender.poll();
        assertThat(pinned()).as("somebody else can't renew it").isZero();
        assertThat(lender.visit(ANN, lend.loan())).isEmpty();
    }

    @Test
    void whatIsVisitedEndsAfterwards() {
        store(1, 1);
        Lend lend = borrow(ANN, 1, 1, 0);
        LoanDesk.Visit visit = lender.visit(ANN, lend.loan()).orElseThrow();
        LoanDesk.Visit other = lender.visit(ANN, lend.loan()).orElseThrow();
        lender.onReturn(ANN, lend.loan());
        lender.poll();
        assertThat(lender.visit(ANN, lend.loan())).isEmpty();
        assertThat(pinned()).isEqualTo(1);
        assertThat(lender.lentSlots()).isEqualTo(1);
        visit.close();
        lender.poll();
        assertThat(pinned()).isEqualTo(1);
        lender.checkInvariants();
        other.close();
        lender.poll();
        assertThat(pinned()).isZero();
    }

    @Test
    void aLenderThatIsClosedLendsNoMore() {
        store(1, 1);
        borrow(ANN, 1, 1, 0);
        lender.close();
        assertThat(borrow(ANN, 1, 1, 0).lent()).isEmpty();
        assertThat(pinned()).isZero();
    }

    /** A loan as the readers know it: its slot holds the number. */
    private record Known(long loan, int slot, int number) {}

    /** Threads read while loans are made and ended and slots are written again at once: none ever sees another segment in its slot. */
    @Test
    @Timeout(120)
    void aSlotIsNeverUsedForAnythingElseWhileItIsVisited() throws Exception {
        AtomicReference<Known> current = new AtomicReference<>(new Known(0, 0, 0));
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong visits = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                readers.add(threads.submit(() -> {
                    while (!over.get()) {
                        Known known = current.get();
                        Optional<LoanDesk.Visit> visit = lender.visit(ANN, known.loan);
                        if (visit.isEmpty()) {
                            Thread.onSpinWait();
                            continue;
                        }
                        try (LoanDesk.Visit open = visit.get()) {
                            assertThat(open.has(known.slot)).isTrue();
                            for (int read = 0; read < 20; read++) {
                                assertThat(storage.slot(known.slot).getInt(0)).isEqualTo(known.number);
                            }
                            visits.incrementAndGet();
                        }
                    }
                }));
            }
            int number = 0;
            while (number < 3_000 || (visits.get() < 200 && readers.stream().noneMatch(Future::isDone))) {
                number++;
                store(number, 1);
                Lend lend = lender.onBorrow(ANN, new Borrow(1, ROOT, tokens(number, 1), new int[] {0}));
                if (lend.lent().length > 0) {
                    current.set(new Known(lend.loan(), lend.slots()[0], number));
                    if (number % 3 == 0) {
                        Thread.yield();
                    }
                    lender.onReturn(ANN, lend.loan());
                }
                lender.poll();
                pool.evict(Tier.DEVICE, 8); // so that the slot is written again by the next
            }
            over.set(true);
            for (Future<?> reader : readers) {
                reader.get(60, TimeUnit.SECONDS);
            }
            assertThat(visits.get()).isGreaterThanOrEqualTo(200);
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }
}
