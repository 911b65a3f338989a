package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.PromptShare;
import dev.kvasir.pool.SharedPrefill;
import dev.kvasir.pool.SharedPrefill.Outcome;
import dev.kvasir.scheduler.elastic.NodeChoice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Has long prompts computed by several nodes while their requests wait, and has this node do its share of others'. */
final class Together {
    /*
     * A group fills caches: when it's over its request is admitted as any other, matches what was computed, and computes the rest, which is less than a segment for each
     * node, or everything if the group has failed. So nothing depends on a group, and each request has one at most.
     *
     * What the group has computed is pinned until its request has matched it. Pins are given up when room is short, the youngest's first, as prefetches are.
     */

    /** Prompts that are decided about at once. */
    private static final int MOST = 8;

    private static final double NANOS = 1e9;

    private final PrefillGroups groups;
    private final NodeChoice choice;
    private final MemPool pool;
    private final int segmentTokens;
    private final List<PromptShare> shares = new ArrayList<>(); // of this step
    private int tokens; // of these

    Together(PrefillGroups groups, NodeChoice choice, MemPool pool) {
        this.groups = groups;
        this.choice = choice;
        this.pool = pool;
        segmentTokens = pool.layout().segmentTokens();
    }

    /** Returns whether a waiting sequence should wait for what several nodes compute of it, or of the same prompt for another one. */
    boolean isWorthWaiting(Sequence sequence, ArrivalQueue waiting, long nowNanos) {
        SharedPrefill together = sequence.together;
        if (together == null && !sequence.nodesChosen && !sequence.needsWholePrompt() && mayAsk(sequence)) {
            if (isComputedForAnother(sequence, waiting)) {
                return true;
            }
            choose(sequence, waiting, nowNanos);
            together = sequence.together;
        }
        if (together == null || sequence.groupTold) {
            return false;
        }
        if (together.outcome() == Outcome.UNDER_WAY) {
            return true;
        }
        sequence.groupTold = true;
        if (together.outcome() == Outcome.COMPUTED) {
            double seconds = (nowNanos - sequence.groupNanos) / NANOS;
            choice.onGroup(request(sequence), together.tokens(), sequence.groupNodes, seconds);
        }
        return false;
    }

    private boolean mayAsk(Sequence sequence) {
        return choice.isWorthAsking(sequence.length) && choice.isWorthAsking(sequence.length - matched(sequence));
    }

    private int matched(Sequence sequence) {
        return pool.matchedTokens(sequence.request.cacheRoot(), sequence.tokens, sequence.length);
    }

    private boolean isComputedForAnother(Sequence sequence, ArrivalQueue waiting) {
        for (int i = 0; i < waiting.size(); i++) {
            Sequence other = waiting.get(i);
            SharedPrefill together = other.together;
            if (other != sequence
                    && together != null
                    && together.outcome() == Outcome.UNDER_WAY
                    && Admission.sharedTokens(sequence, other, segmentTokens) > matched(sequence)) {
                return true;
            }
        }
        return false;
    }

    /** Decides about a sequence and about those behind it, since they need nodes, too. */
    private void choose(Sequence first, ArrivalQueue waiting, long nowNanos) {
        List<Sequence> asked = new ArrayList<>();
        for (int i = 0; i < waiting.size() && asked.size() < MOST; i++) {
            Sequence sequence = waiting.get(i);
            boolean open = sequence == first
                    || (sequence.arrival > first.arrival
                            && !sequence.nodesChosen
                            && !sequence.needsWholePrompt()
                            && mayAsk(sequence)
                            && asked.stream()
                                    .noneMatch(other -> Admission.sharedTokens(sequence, other, segmentTokens) > 0));
            if (open) {
                asked.add(sequence);
            }
        }
        List<List<Integer>> nodes =
                choice.choose(asked.stream().map(Together::request).toList());
        for (int i = 0; i < asked.size(); i++) {
            Sequence sequence = asked.get(i);
            sequence.nodesChosen = true;
            int left = (sequence.length - 1 - matched(sequence)) / segmentTokens; // segments to be computed
            if (nodes.get(i).size() > 1 && left >= nodes.get(i).size()) {
                sequence.groupNanos = nowNanos;
                sequence.groupNodes = nodes.get(i).size();
                sequence.together =
                        groups.begin(sequence.request.cacheRoot(), sequence.tokens, sequence.length, nodes.get(i));
            }
        }
    }

    private static CacheRequest request(Sequence sequence) {
        return new CacheRequest(
                sequence.request.cacheRoot(),
                Arrays.copyOf(sequence.tokens, sequence.length),
                Math.max(0, sequence.limit - sequence.length));
    }

    /** Ends what goes on for a sequence, which has matched what it needs or doesn't need it any more. */
    void end(Sequence sequence) {
        SharedPrefill together = sequence.together;
        if (together != null) {
            sequence.together = null;
            together.release();
        }
    }

    /** Gives up what is pinned for the youngest waiting sequence that came after {@code than}. Returns whether there was one. */
    boolean giveWay(ArrivalQueue waiting, long than) {
        for (int i = waiting.size() - 1; i >= 0; i--) {
            if (waiting.get(i).arrival > than && waiting.get(i).together != null) {
                end(waiting.get(i));
                return true;
            }
        }
        return false;
    }

    // Shares of this step

    /** Begins with the shares that can be computed now. Returns their tokens. */
    int begin() {
        shares.clear();
        tokens = 0;
        for (PromptShare share : groups.ready()) {
            if (share.begin()) {
                shares.add(share);
                tokens += share.to() - share.from();
            }
        }
        return tokens;
    }

    List<PromptShare> shares() {
        return shares;
    }

    int tokens() {
        return tokens;
    }

    void computed() {
        shares.forEach(PromptShare::computed);
        shares.clear();
    }

    void failed() {
        shares.forEach(PromptShare::failed);
        shares.clear();
    }
}
