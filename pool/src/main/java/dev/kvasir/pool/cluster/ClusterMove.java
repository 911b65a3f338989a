package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.loan.LentSegment;
import java.util.ArrayList;
import java.util.List;

/** What is brought near for one waiting prompt: from this node's lower tiers, and on loan from other nodes. */
final class ClusterMove implements Move {
    private final ClusterMemPool pool;
    private final int segmentTokens;
    private final List<PinnedPrefix> here = new ArrayList<>(); // pinned
    private final List<Move> loads = new ArrayList<>();
    private final List<LentSegment> lent = new ArrayList<>(); // used
    private int asked; // requests that have no answer yet
    private boolean released;

    ClusterMove(ClusterMemPool pool, int segmentTokens) {
        this.pool = pool;
        this.segmentTokens = segmentTokens;
    }

    /** Takes a pin over. */
    void hold(PinnedPrefix pinned) {
        here.add(pinned);
    }

    void add(Move load) {
        loads.add(load);
    }

    /** Takes a use of the segment over. */
    void hold(LentSegment segment) {
        lent.add(segment);
    }

    /** Returns whether it brings nothing. */
    boolean isIdle() {
        return loads.isEmpty() && lent.isEmpty() && asked == 0;
    }

    void asks() {
        asked++;
    }

    void onLent(List<LentSegment> segments) {
        asked--;
        if (!released) {
            for (LentSegment segment : segments) {
                pool.use(segment);
                lent.add(segment);
            }
        }
    }

    @Override
    public boolean isDone() {
        return asked == 0 && loads.stream().allMatch(Move::isDone);
    }

    @Override
    public int segments() {
        return lent.size() + loads.stream().mapToInt(Move::segments).sum();
    }

    @Override
    public int tokensFrom(Tier tier) {
        return tier == Tier.REMOTE
                ? lent.size() * segmentTokens
                : loads.stream().mapToInt(load -> load.tokensFrom(tier)).sum();
    }

    @Override
    public int left() {
        return loads.stream().mapToInt(Move::left).sum();
    }

    @Override
    public void release() {
        if (released) {
            return;
        }
        released = true;
        for (int i = here.size() - 1; i >= 0; i--) {
            pool.unpin(here.get(i));
        }
        loads.forEach(Move::release);
        lent.forEach(pool::leave);
    }
}
