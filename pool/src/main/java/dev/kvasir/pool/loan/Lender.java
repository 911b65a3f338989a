package dev.kvasir.pool.loan;

import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What this node lends. The pool's thread makes and ends loans; who reads segments for others {@linkplain #visit visits} them from any thread, and what
 * is visited ends only after that.
 */
public final class Lender implements LoanDesk {
    private final MemPool pool;
    private final LoanLimits limits;
    private final LongSupplier nanoTime;
    private final int segmentTokens;

    private final Map<Long, Loan> loans = new ConcurrentHashMap<>(); // those that haven't ended
    private final List<Loan> ending = new ArrayList<>(); // those that have and are still visited
    private long lastNumber;
    private int lentSlots;
    private long lent; // segments, so far
    private Consumer<SegmentId> onRead = id -> {};
    private Runnable onUnpinned = () -> {};
    private boolean closed;

    /**
     * Creates a lender.
     *
     * @param pool one in which each segment can be pinned by its parent's identity and its own tokens
     * @param nanoTime a monotonic clock, read on any thread
     */
    public Lender(MemPool pool, LoanLimits limits, LongSupplier nanoTime) {
        this.pool = pool;
        this.limits = limits;
        this.nanoTime = nanoTime;
        segmentTokens = pool.layout().segmentTokens();
    }

    /** Has somebody told of each segment that is lent. */
    public void onRead(Consumer<SegmentId> listener) {
        onRead = listener;
    }

    /** Has somebody told when segments may have no reader any more. */
    public void onUnpinned(Runnable listener) {
        onUnpinned = listener;
    }

    /** Lends what is here of what is wanted. An answer with no segments is no loan. */
    public Lend onBorrow(int borrower, Borrow borrow) {
        int[] tokens = borrow.tokens();
        int[] wanted = borrow.wanted();
        int room = Math.min(limits.segments(), limits.lentSlots() - lentSlots);
        boolean refused = closed
                || tokens.length % segmentTokens != 0
                || (long) wanted[wanted.length - 1] * segmentTokens >= tokens.length
                || loans.values().stream()
                                .filter(loan -> loan.borrower == borrower)
                                .count()
                        >= limits.loans();
        List<PinnedPrefix> pins = new ArrayList<>();
        int[] indices = new int[wanted.length];
        SegmentId parent = borrow.parent();
        int next = 0; // of wanted
        for (int i = 0; !refused && next < wanted.length && pins.size() < room; i++) {
            int from = i * segmentTokens;
            if (wanted[next] == i) {
                // One token more than the segment has: a match leaves the last one out.
                PinnedPrefix pin = pool.match(
                        parent, Arrays.copyOfRange(tokens, from, from + segmentTokens + 1), segmentTokens + 1);
                if (pin.segments() == 1) {
                    onRead.accept(pin.id(0));
                    indices[pins.size()] = i;
                    pins.add(pin);
                } else {
                    pool.release(pin);
                }
                next++;
            }
            parent = SegmentIdentity.next(parent, tokens, from, from + segmentTokens);
        }
        if (pins.isEmpty()) {
            return new Lend(borrow.request(), 0, new int[0], new int[0]);
        }
        int[] slots = pins.stream().mapToInt(pin -> pin.address(0).slot()).toArray();
        Loan loan = new Loan(borrower, pins, slots, null, nanoTime, () -> {});
        loans.put(++lastNumber, loan);
        lentSlots += slots.length;
        lent += slots.length;
        return new Lend(borrow.request(), lastNumber, Arrays.copyOf(indices, slots.length), slots);
    }

    /**
     * Lends slots that a running step is about to write; its readers wait at the gate. What is lent is sealed later, or the loan is {@linkplain #cancel cancelled}.
     *
     * @param onLetGo runs when the loan has ended and nobody reads the slots for it any more
     * @return the loan's number, 0 if there's no room for it; then nothing runs
     */
    public long open(int borrower, int[] slots, LayerGate gate, Runnable onLetGo) {
        if (closed || slots.length > limits.lentSlots() - lentSlots) {
            return 0;
        }
        Loan loan = new Loan(borrower, new ArrayList<>(), slots, gate, nanoTime, onLetGo);
        loans.put(++lastNumber, loan);
        lentSlots += slots.length;
        lent += slots.length;
        return lastNumber;
    }

    /**
     * Says that what was lent while it was written is sealed, in the slots that it was lent in. A loan that has ended meanwhile is left ended.
     *
     * @param parent identity of what stands before {@code tokens}
     * @param tokens of the segments
     * @throws IllegalStateException if a segment isn't in its slot
     */
    public void seal(long number, SegmentId parent, int[] tokens) {
        Loan loan = loans.get(number);
        if (loan == null) {
            return;
        }
        SegmentId before = parent;
        for (int i = 0; i < loan.slots.length; i++) {
            int from = i * segmentTokens;
            PinnedPrefix pin =
                    pool.pin(before, Arrays.copyOfRange(tokens, from, from + segmentTokens + 1), segmentTokens + 1);
            if (pin.segments() == 0 || pin.address(0).slot() != loan.slots[i]) {
                throw new IllegalStateException("a segment that was lent in slot " + loan.slots[i] + " isn't there");
            }
            loan.pins.add(pin);
            before = pin.id(0);
        }
    }

    /** Ends a loan. Numbers that nobody has are ignored. */
    public void cancel(long number) {
        Loan loan = loans.remove(number);
        if (loan != null) {
            end(loan);
        }
    }

    /** Takes a loan back. Numbers that nobody has, or somebody else, are ignored. */
    public void onReturn(int borrower, long number) {
        Loan loan = loans.get(number);
        if (loan != null && loan.borrower == borrower) {
            loans.remove(number);
            end(loan);
        }
    }

    /** Notes that loans are still needed. */
    public void onRenew(int borrower, long[] numbers) {
        long now = nanoTime.getAsLong();
        for (long number : numbers) {
            Loan loan = loans.get(number);
            if (loan != null && loan.borrower == borrower) {
                loan.heardNanos = now;
            }
        }
    }

    /** Ends all loans to a node that is gone. */
    public void onLeft(int borrower) {
        endWhere(loan -> loan.borrower == borrower);
    }

    /** Ends what wasn't renewed for a lease, and lets go of what ended before and isn't visited any more. */
    public void poll() {
        long now = nanoTime.getAsLong();
        endWhere(loan -> now - loan.heardNanos >= limits.leaseNanos());
        loans.values().forEach(loan -> loan.expire(now, limits.leaseNanos()));
        for (Iterator<Loan> each = ending.iterator(); each.hasNext(); ) {
            Loan loan = each.next();
            if (loan.tryClose()) {
                each.remove();
                letGo(loan);
            }
        }
    }

    /** Ends all loans, makes no more, and waits for none: what is visited is let go of by a later {@link #poll}. */
    public void close() {
        closed = true;
        endWhere(loan -> true);
    }

    /** Returns whether nothing is lent. */
    public boolean isIdle() {
        return loans.isEmpty() && ending.isEmpty();
    }

    /** Returns how many slots are lent now, one that is lent twice counted twice. */
    public int lentSlots() {
        return lentSlots;
    }

    /** Returns how many segments have been lent so far. */
    public long lent() {
        return lent;
    }

    private interface Choice {
        boolean takes(Loan loan);
    }

    private void endWhere(Choice choice) {
        for (Iterator<Loan> each = loans.values().iterator(); each.hasNext(); ) {
            Loan loan = each.next();
            if (choice.takes(loan)) {
                each.remove();
                end(loan);
            }
        }
    }

    private void end(Loan loan) {
        loan.ended = true;
        if (loan.tryClose()) {
            letGo(loan);
        } else {
            ending.add(loan);
        }
    }

    private void letGo(Loan loan) {
        lentSlots -= loan.slots.length;
        // The deepest first, so that what others continue was used last.
        for (int i = loan.pins.size() - 1; i >= 0; i--) {
            pool.release(loan.pins.get(i));
        }
        loan.onLetGo.run();
        onUnpinned.run();
    }

    @Override
    public Optional<Visit> visit(int borrower, long number) {
        Loan loan = loans.get(number);
        if (loan == null || loan.borrower != borrower || !loan.enter()) {
            return Optional.empty();
        }
        loan.heardNanos =
                nanoTime.getAsLong(); // the borrower is there, if only in a step that takes longer than a lease
        return Optional.of(loan);
    }

    /** Throws IllegalStateException if the counts don't add up. */
    public void checkInvariants() {
        int slots = 0;
        List<Loan> all = new ArrayList<>(loans.values());
        all.addAll(ending);
        for (Loan loan : all) {
            slots += loan.slots.length;
            for (int i = 0; i < loan.pins.size(); i++) {
                if (loan.pins.get(i).address(0).slot() != loan.slots[i]) {
                    throw new IllegalStateException("a lent segment has moved from slot " + loan.slots[i]);
                }
            }
        }
        if (slots != lentSlots) {
            throw new IllegalStateException(slots + " slots are lent, not " + lentSlots);
        }
    }
}
