package dev.kvasir.pool.loan;

import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.PinnedPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A loan as the lender has it. The pool's thread ends it; any thread may visit it before. */
final class Loan implements LoanDesk.Visit {
    private static final int CLOSED = -1;

    final int borrower;
    final List<PinnedPrefix> pins; // one segment each; of slots that are being written none yet
    private final @Nullable LayerGate gate; // of slots that are being written
    private final LongSupplier nanoTime;
    final Runnable onLetGo;
    final int[] slots;
    private final int[] sorted;
    volatile long heardNanos; // when the borrower was last heard of
    volatile boolean ended; // nobody may enter any more
    private final AtomicInteger visitors = new AtomicInteger();

    Loan(
            int borrower,
            List<PinnedPrefix> pins,
            int[] slots,
            @Nullable LayerGate gate,
            LongSupplier nanoTime,
            Runnable onLetGo) {
        this.gate = gate;
        this.nanoTime = nanoTime;
        this.onLetGo = onLetGo;
        this.borrower = borrower;
        this.pins = pins;
        this.slots = slots;
        sorted = slots.clone();
        Arrays.sort(sorted);
        heardNanos = nanoTime.getAsLong();
    }

    /** Begins a visit. Returns false if the loan has ended. */
    boolean enter() {
        while (!ended) {
            int now = visitors.get();
            if (now == CLOSED) {
                return false;
            }
            if (visitors.compareAndSet(now, now + 1)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean has(int slot) {
        return Arrays.binarySearch(sorted, slot) >= 0;
    }

    @Override
    public boolean await(int layer, Runnable ready, Runnable never) {
        return gate != null && gate.await(layer, ready, never, nanoTime.getAsLong());
    }

    void expire(long nowNanos, long patienceNanos) {
        if (gate != null) {
            gate.expire(nowNanos, patienceNanos);
        }
    }

    @Override
    public void close() {
        visitors.decrementAndGet();
    }

    /** Closes it for good unless somebody is in it. */
    boolean tryClose() {
        return visitors.compareAndSet(0, CLOSED);
    }
}
