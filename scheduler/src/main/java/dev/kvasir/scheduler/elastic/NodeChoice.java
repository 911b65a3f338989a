package dev.kvasir.scheduler.elastic;

import dev.kvasir.pool.CacheRequest;
import java.util.List;

/** Decides which prompts several nodes compute together. Belongs to the step thread. */
public interface NodeChoice {
    /** Every node computes its own prompts alone. */
    NodeChoice ALONE = new NodeChoice() {
        @Override
        public boolean isWorthAsking(int newTokens) {
            return false;
        }

        @Override
        public List<List<Integer>> choose(List<CacheRequest> prompts) {
            throw new IllegalStateException("nobody is to be asked");
        }

        @Override
        public void onStep(StepWork work, double seconds) {}

        @Override
        public void onGroup(CacheRequest prompt, int newTokens, int nodes, double seconds) {}
    };

    /** Returns whether a prompt with so many tokens that aren't cached may be computed by several nodes. Costs nothing. */
    boolean isWorthAsking(int newTokens);

    /**
     * Chooses.
     *
     * @param prompts that wait to be computed
     * @return by prompt: the numbers of the nodes, this one among them, that compute it together; empty if this node does alone
     */
    List<List<Integer>> choose(List<CacheRequest> prompts);

    /** Learns what a step took that this node has computed without others. */
    void onStep(StepWork work, double seconds);

    /** Learns what it took several nodes to compute a prompt. */
    void onGroup(CacheRequest prompt, int newTokens, int nodes, double seconds);
}
