package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory.Holding;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToLongFunction;

/** Which of its copies a request reads. */
public final class HolderChoice {
    private HolderChoice() {}

    /**
     * Chooses a holder for each segment of a prefix: this node where it has a copy; where there's one holder, that one; else a holder that the request
     * needs anyway, and of several, or if there's none, the one with the least tokens outstanding. What is chosen counts as outstanding.
     *
     * @param self this node's number
     * @param holders by segment: who else holds it; the choice is 0 where nobody does
     * @param here by segment: whether this node does
     * @param segmentTokens tokens of a segment
     * @param outstandingTokens by node: tokens that requests have asked it to read and that it hasn't read yet
     * @return by segment: the number of a node
     */
    public static int[] choose(
            int self,
            List<List<Holding>> holders,
            List<Boolean> here,
            int segmentTokens,
            IntToLongFunction outstandingTokens) {
        if (self < 1 || holders.size() != here.size()) {
            throw new IllegalArgumentException(
                    "node " + self + " chooses for " + holders.size() + " segments, and " + here.size());
        }
        int[] chosen = new int[holders.size()];
        Set<Integer> needed = new HashSet<>();
        Outstanding outstanding = new Outstanding(segmentTokens, outstandingTokens);
        for (int i = 0; i < chosen.length; i++) {
            if (here.get(i)) {
                chosen[i] = self;
            } else if (holders.get(i).size() == 1) {
                chosen[i] = holders.get(i).get(0).node();
                needed.add(chosen[i]);
                outstanding.add(chosen[i]);
            }
        }
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] == 0 && !holders.get(i).isEmpty()) {
                List<Integer> nodes = holders.get(i).stream().map(Holding::node).toList();
                List<Integer> better = nodes.stream().filter(needed::contains).toList();
                chosen[i] = outstanding.least(better.isEmpty() ? nodes : better);
                needed.add(chosen[i]);
                outstanding.add(chosen[i]);
            }
        }
        return chosen;
    }
}
