package dev.kvasir.pool.loan;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.loan.LoanMessage.Renew;
import dev.kvasir.pool.loan.LoanMessage.Return;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What other nodes lend this one. A lent segment is kept for as long as somebody here {@linkplain #use uses} it; a loan of which nothing is used goes
 * back at once. Belongs to the pool's thread.
 */
public final class Borrower implements Borrowed {
    /** Says something to another node. */
    public interface Voice {
        /** Returns whether it was said; it may be lost all the same. */
        boolean say(int node, LoanMessage message);
    }

    /** Hears what came of a request. */
    public interface Answer {
        /** The segments are here to be used, which is to be done now; none of them if nothing came of it. */
        void onLent(List<LentSegment> segments);
    }

    private record Request(int node, int[] wanted, SegmentId[] ids, Answer answer, long askedNanos) {}

    /** Renewed so many times in a lease: one may get lost. */
    private static final int RENEWALS = 3;

    private final LoanLimits limits;
    private final Voice voice;
    private final LongSupplier nanoTime;

    private final Map<Long, Request> requests = new LinkedHashMap<>(); // asked and not answered, oldest first
    private final Map<SegmentId, LentSegment> segments = new HashMap<>(); // that can be used
    private final Set<LentSegment> inUse = new HashSet<>(); // those, and lost ones that somebody still holds
    private final Map<Integer, Set<BorrowedLoan>> loans = new HashMap<>(); // by lender
    private final List<@Nullable LentSegment> references = new ArrayList<>(); // (~reference)
    private final List<Integer> freeReferences = new ArrayList<>();
    private final Map<Integer, Long> silent = new HashMap<>(); // node -> when it last didn't answer
    private long lastRequest;
    private long renewedNanos;
    private long borrowed; // segments, so far
    private long lost; // of these, gone while in use

    /** Creates one that has nothing. */
    public Borrower(LoanLimits limits, Voice voice, LongSupplier nanoTime) {
        this.limits = limits;
        this.voice = voice;
        this.nanoTime = nanoTime;
        renewedNanos = nanoTime.getAsLong();
    }

    /**
     * Asks a node for segments.
     *
     * @param parent identity of what stands before {@code tokens}
     * @param wanted which of their segments, ascending
     * @param ids the identity of each wanted one
     * @param answer told exactly once, by a later {@link #onLend}, {@link #poll} or {@link #onGone}, or now if the node can't be asked
     */
    public void ask(int node, SegmentId parent, int[] tokens, int[] wanted, SegmentId[] ids, Answer answer) {
        long number = ++lastRequest;
        if (voice.say(node, new Borrow(number, parent, tokens, wanted))) {
            requests.put(number, new Request(node, wanted, ids, answer, nanoTime.getAsLong()));
        } else {
            answer.onLent(List.of());
        }
    }

    /** Returns the most segments that can be asked for at once. */
    public int mostSegments() {
        return limits.segments();
    }

    /** Takes an answer. One that comes too late is given back. */
    public void onLend(int node, Lend lend) {
        Request request = requests.get(lend.request());
        if (request == null || request.node != node) {
            if (lend.slots().length > 0) {
                voice.say(node, new Return(lend.loan()));
            }
            return;
        }
        requests.remove(lend.request());
        BorrowedLoan loan = new BorrowedLoan(node, lend.loan());
        Set<LentSegment> lent = new LinkedHashSet<>();
        int fresh = 0;
        for (int i = 0; i < lend.lent().length; i++) {
            int at = Arrays.binarySearch(request.wanted, lend.lent()[i]);
            if (at < 0 || lend.slots()[i] < 0) {
                continue;
            }
            LentSegment known = segments.get(request.ids[at]); // asked for twice at a time
            fresh += known == null ? 1 : 0;
            lent.add(known == null ? keep(loan, request.ids[at], lend.slots()[i]) : known);
        }
        borrowed += fresh;
        if (fresh > 0) {
            loans.computeIfAbsent(node, n -> new HashSet<>()).add(loan);
        } else if (lend.slots().length > 0) {
            voice.say(node, new Return(lend.loan()));
        }
        // Used once for the time of the answer, so that nothing is given back under its taker.
        lent.forEach(this::use);
        request.answer.onLent(List.copyOf(lent));
        lent.forEach(this::leave);
    }

    /**
     * Takes a loan that wasn't asked for, since both nodes know of it.
     *
     * @param ids of the segments, in order
     * @param slots where each lies
     * @return the segments, each used once for the caller; of those that are on loan already, that other loan's
     */
    public List<LentSegment> accept(int node, long number, List<SegmentId> ids, int[] slots) {
        BorrowedLoan loan = new BorrowedLoan(node, number);
        List<LentSegment> taken = new ArrayList<>();
        int fresh = 0;
        for (int i = 0; i < slots.length; i++) {
            LentSegment known = segments.get(ids.get(i));
            fresh += known == null ? 1 : 0;
            LentSegment segment = known == null ? keep(loan, ids.get(i), slots[i]) : known;
            use(segment);
            taken.add(segment);
        }
        borrowed += fresh;
        if (fresh > 0) {
            loans.computeIfAbsent(node, n -> new HashSet<>()).add(loan);
        } else {
            voice.say(node, new Return(number));
        }
        return taken;
    }

    /** Gives back a loan of which nothing was taken. */
    public void refuse(int node, long number) {
        if (segmentsOf(node, number) == 0) {
            voice.say(node, new Return(number));
        }
    }

    private long segmentsOf(int node, long number) {
        return inUse.stream()
                .filter(segment -> segment.loan.node == node && segment.loan.number == number)
                .count();
    }

    private LentSegment keep(BorrowedLoan loan, SegmentId id, int slot) {
        int index;
        if (freeReferences.isEmpty()) {
            index = references.size();
            references.add(null);
        } else {
            index = freeReferences.remove(freeReferences.size() - 1);
        }
        LentSegment segment = new LentSegment(loan, id, slot, ~index);
        references.set(index, segment);
        segments.put(id, segment);
        inUse.add(segment);
        return segment;
    }

    /** Returns a segment that is on loan already, null if it isn't. */
    public @Nullable LentSegment find(SegmentId id) {
        return segments.get(id);
    }

    /** Keeps a segment until it's {@linkplain #leave left} as often. */
    public void use(LentSegment segment) {
        segment.uses++;
        segment.loan.uses++;
    }

    /** Ends a use. */
    public void leave(LentSegment segment) {
        if (segment.uses < 1) {
            throw new IllegalStateException(segment + " is used by nobody");
        }
        segment.uses--;
        segment.loan.uses--;
        if (segment.uses == 0) {
            int index = ~segment.reference;
            references.set(index, null);
            freeReferences.add(index);
            segments.remove(segment.id, segment);
            inUse.remove(segment);
        }
        if (segment.loan.uses == 0 && forget(segment.loan)) {
            voice.say(segment.loan.node, new Return(segment.loan.number));
        }
    }

    private boolean forget(BorrowedLoan loan) {
        Set<BorrowedLoan> ofNode = loans.get(loan.node);
        boolean known = ofNode != null && ofNode.remove(loan);
        if (ofNode != null && ofNode.isEmpty()) {
            loans.remove(loan.node);
        }
        return known;
    }

    @Override
    public Segment segment(int reference) {
        int index = ~reference;
        LentSegment segment = index < 0 || index >= references.size() ? null : references.get(index);
        if (segment == null) {
            throw new IllegalStateException("nothing is on loan under " + reference);
        }
        return segment.place;
    }

    @Override
    public void onSilent(int node) {
        silent.put(node, nanoTime.getAsLong());
        onGone(node);
    }

    @Override
    public void onEnded(int node, Set<Long> ended) {
        for (LentSegment segment : inUse) {
            if (segment.loan.node == node && ended.contains(segment.loan.number) && !segment.lost) {
                segment.lost = true;
                segments.remove(segment.id, segment);
                lost++;
            }
        }
    }

    /** Returns whether it's worth asking a node: for the time of a lease, one that didn't answer when it mattered isn't asked. */
    public boolean isWorthAsking(int node) {
        Long since = silent.get(node);
        return since == null || nanoTime.getAsLong() - since >= limits.leaseNanos();
    }

    /** A node has left: it won't be asked again, nor will another one under its number. */
    public void onLeft(int node) {
        onGone(node);
        silent.remove(node);
    }

    /** A node is gone, or can't be heard: nothing that it lends can be used any more. */
    public void onGone(int node) {
        Set<BorrowedLoan> ofNode = loans.remove(node);
        if (ofNode != null) {
            // It may be there after all, and would keep them for a lease.
            ofNode.forEach(loan -> voice.say(node, new Return(loan.number)));
        }
        for (LentSegment segment : inUse) {
            if (segment.place.node() == node && !segment.lost) {
                segment.lost = true;
                segments.remove(segment.id, segment);
                lost++;
            }
        }
        onLinkLost(node);
    }

    /** The link to a node broke: what it was asked won't be answered. What it lends may still be read when the link is back. */
    public void onLinkLost(int node) {
        for (Request request : end(request -> request.node == node)) {
            request.answer.onLent(List.of());
        }
    }

    /** Gives up what isn't answered, and renews what is used. */
    public void poll() {
        long now = nanoTime.getAsLong();
        if (!requests.isEmpty()) {
            for (Request late : end(request -> now - request.askedNanos >= limits.patienceNanos())) {
                late.answer.onLent(List.of());
            }
        }
        if (now - renewedNanos >= limits.leaseNanos() / RENEWALS) {
            renewedNanos = now;
            loans.forEach((node, ofNode) -> voice.say(
                    node,
                    new Renew(ofNode.stream().mapToLong(loan -> loan.number).toArray())));
        }
    }

    private interface Choice {
        boolean takes(Request request);
    }

    private List<Request> end(Choice choice) {
        List<Request> ended = new ArrayList<>();
        for (Iterator<Request> each = requests.values().iterator(); each.hasNext(); ) {
            Request request = each.next();
            if (choice.takes(request)) {
                each.remove();
                ended.add(request);
            }
        }
        return ended;
    }

    /** Returns whether nothing is on loan and nothing was asked for. */
    public boolean isIdle() {
        return requests.isEmpty() && inUse.isEmpty();
    }

    /** Returns how many segments are on loan and used. */
    public int inUse() {
        return inUse.size();
    }

    /** Returns how many segments have been on loan so far. */
    public long borrowed() {
        return borrowed;
    }

    /** Returns how many of these were lost while they were used. */
    public long lost() {
        return lost;
    }

    /** Throws IllegalStateException if the books don't add up. */
    public void checkInvariants() {
        Map<BorrowedLoan, Integer> uses = new HashMap<>();
        for (LentSegment segment : inUse) {
            uses.merge(segment.loan, segment.uses, Integer::sum);
            if (segment.uses < 1 || references.get(~segment.reference) != segment) {
                throw new IllegalStateException(segment + " has " + segment.uses + " uses under " + segment.reference);
            }
            if (segment.lost == (segments.get(segment.id) == segment)) {
                throw new IllegalStateException(segment + (segment.lost ? " is lost and found" : " isn't found"));
            }
        }
        uses.forEach((loan, count) -> {
            if (loan.uses != count) {
                throw new IllegalStateException("loan " + loan.number + " of node " + loan.node + " has " + loan.uses
                        + " uses, its segments " + count);
            }
        });
        long referenced = references.stream().filter(Objects::nonNull).count();
        if (referenced != inUse.size() || referenced + freeReferences.size() != references.size()) {
            throw new IllegalStateException(
                    referenced + " references for " + inUse.size() + " segments, " + freeReferences.size() + " free");
        }
    }
}
