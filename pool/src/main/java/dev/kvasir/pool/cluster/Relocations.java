package dev.kvasir.pool.cluster;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Transfer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Carries out where segments are to lie: sends copies to other nodes, and gives up those here that have another home then. */
final class Relocations {
    /*
     * A few transfers at a time, so that requests' own traffic isn't held up. What can't be sent (evicted meanwhile, refused, the node is gone) is left where it
     * is: placement says it again if it still holds.
     *
     * A copy here is given up only when the other node has confirmed its own, and when nobody reads it. Until then it's a replica: were it still a home, there
     * would be two, and each node could leave the segment to the other one. While it's pinned, it is tried again after each release, and now and then
     * because not every release is heard of: a transfer's own pin ends when its last byte has left.
     */
    private static final int POLLS_BETWEEN_TRIES = 64;

    private static final int MOST_UNDER_WAY = 4;
    private static final int MOST_WAITING = 1024;

    /** @param leave whether the copies here go when they are there */
    private record Job(List<SegmentId> run, int node, boolean leave) {}

    private record UnderWay(Job job, Transfer transfer) {}

    private final MemPool pool;
    private final Map<SegmentId, SegmentHeader> here;
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<UnderWay> underWay = new ArrayList<>();
    private final Set<SegmentId> sending = new HashSet<>();
    private final Consumer<SegmentId> onHandedOver;
    private final Predicate<SegmentId> hasOtherHome;
    private final Set<SegmentId> leaving = new LinkedHashSet<>(); // given up as soon as nobody reads them
    private boolean changed; // something may not be read any more
    private int untried; // polls since the last try
    private long sent; // segments
    private long sentBytes;
    private long failed; // transfers

    /**
     * @param onHandedOver told of segments that have another home from now on, and are still here for a while
     * @param hasOtherHome whether a segment is known to have a home on another node now
     */
    Relocations(
            MemPool pool,
            Map<SegmentId, SegmentHeader> here,
            Consumer<SegmentId> onHandedOver,
            Predicate<SegmentId> hasOtherHome) {
        this.pool = pool;
        this.here = here;
        this.onHandedOver = onHandedOver;
        this.hasOtherHome = hasOtherHome;
    }

    /** Sends segments that follow one another. Returns whether that was noted. */
    boolean send(List<SegmentId> run, int node, boolean leave) {
        if (waiting.size() >= MOST_WAITING || run.stream().anyMatch(sending::contains)) {
            return false;
        }
        sending.addAll(run);
        waiting.add(new Job(List.copyOf(run), node, leave));
        return true;
    }

    /** A segment is gone, or stays after all. */
    void forget(SegmentId id) {
        leaving.remove(id);
    }

    /** Something may not be read any more. */
    void onReleased() {
        changed = true;
    }

    /** Something is known to have a home elsewhere. */
    void onShared() {
        changed = true;
    }

    /** Returns whether nothing is on its way or about to be given up. */
    boolean isIdle() {
        return waiting.isEmpty() && underWay.isEmpty() && leaving.isEmpty();
    }

    /** Does what can be done now. */
    void poll() {
        for (Iterator<UnderWay> each = underWay.iterator(); each.hasNext(); ) {
            UnderWay next = each.next();
            if (next.transfer.isDone()) {
                each.remove();
                end(next);
            }
        }
        while (underWay.size() < MOST_UNDER_WAY && !waiting.isEmpty()) {
            begin(waiting.remove());
        }
        if (!leaving.isEmpty() && (changed || ++untried >= POLLS_BETWEEN_TRIES)) {
            changed = false;
            untried = 0;
            for (SegmentId id : List.copyOf(leaving)) {
                SegmentHeader header = here.get(id);
                if (header == null) {
                    leaving.remove(id);
                } else if (hasOtherHome.test(id)) { // which may be about to leave, or not be known yet
                    pool.delete(header.parent(), header.tokens()); // tells when it is gone
                }
            }
        }
    }

    private void begin(Job job) {
        int segmentTokens = pool.layout().segmentTokens();
        int[] tokens = new int[job.run.size() * segmentTokens + 1]; // one more, which a match leaves out
        for (int i = 0; i < job.run.size(); i++) {
            SegmentHeader header = here.get(job.run.get(i));
            if (header == null) {
                sending.removeAll(job.run);
                return;
            }
            System.arraycopy(header.tokens(), 0, tokens, i * segmentTokens, segmentTokens);
        }
        SegmentId parent = header(job.run.get(0)).parent();
        PinnedPrefix prefix = pool.pin(parent, tokens, tokens.length);
        if (prefix.segments() < job.run.size()) {
            pool.release(prefix);
            sending.removeAll(job.run);
            return;
        }
        underWay.add(
                new UnderWay(job, pool.transferWithInsert(prefix, Arrays.copyOf(tokens, tokens.length - 1), job.node)));
    }

    private SegmentHeader header(SegmentId id) {
        SegmentHeader header = here.get(id);
        if (header == null) {
            throw new IllegalStateException("segment " + id + " is not here");
        }
        return header;
    }

    private void end(UnderWay done) {
        sending.removeAll(done.job.run);
        sentBytes += done.transfer.bytesSent();
        if (done.transfer.refusal().isPresent()) {
            failed++;
        } else {
            sent += done.job.run.size();
            if (done.job.leave) {
                done.job.run.forEach(this::leave);
            }
        }
        done.transfer.release();
    }

    /** Gives a copy up as soon as nobody reads it; until then it is a replica. */
    void leave(SegmentId id) {
        if (here.containsKey(id)) {
            leaving.add(id);
            changed = true;
            onHandedOver.accept(id);
        }
    }

    /** Returns how many segments were sent so far. */
    long sent() {
        return sent;
    }

    /** Returns the bytes of these; what the others had already isn't sent. */
    long sentBytes() {
        return sentBytes;
    }

    /** Returns how many transfers came to nothing. */
    long failed() {
        return failed;
    }
}
