package dev.kvasir.benchmarks.nodes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Conversations about documents, some of which are asked about far more often than others (Zipf), in random order: the same for the same seed, whatever the
 * replies are.
 *
 * @param documents how many there are
 * @param documentTokens tokens of each
 * @param conversations how many
 * @param turns of each
 * @param questionTokens tokens of each turn's question
 * @param replyTokens tokens of each reply
 * @param skew Zipf's exponent
 */
record NodesLoad(
        int documents,
        int documentTokens,
        int conversations,
        int turns,
        int questionTokens,
        int replyTokens,
        double skew,
        long seed) {
    NodesLoad {
        if (documents < 1
                || documentTokens < 1
                || conversations < 1
                || turns < 1
                || questionTokens < 1
                || replyTokens < 1) {
            throw new IllegalArgumentException("every size of the load must be positive");
        }
    }

    /** Returns which document each conversation is about. */
    int[] subjects() {
        SplittableRandom random = new SplittableRandom(seed);
        double[] sums = new double[documents];
        double sum = 0;
        for (int i = 0; i < documents; i++) {
            sum += Math.pow(i + 1, -skew);
            sums[i] = sum;
        }
        int[] subjects = new int[conversations];
        for (int i = 0; i < conversations; i++) {
            int at = Arrays.binarySearch(sums, random.nextDouble() * sum);
            subjects[i] = Math.min(documents - 1, at < 0 ? -at - 1 : at);
        }
        return subjects;
    }

    /** Returns a document's tokens, drawn below {@code vocab}. */
    int[] document(int number, int vocab) {
        return new SplittableRandom(seed * 31 + number)
                .ints(documentTokens, 3, vocab)
                .toArray();
    }

    /** Returns the conversation whose turn it is, turn after turn: one may wait while others talk, and each keeps its order. */
    List<Integer> order() {
        SplittableRandom random = new SplittableRandom(seed + 1);
        Map<Integer, Integer> left = new HashMap<>();
        List<Integer> open = new ArrayList<>();
        List<Integer> order = new ArrayList<>();
        int next = 0;
        while (next < conversations || !open.isEmpty()) {
            if (next < conversations && (open.size() < OPEN)) {
                left.put(next, turns);
                open.add(next++);
            }
            int chosen = open.get(random.nextInt(open.size()));
            order.add(chosen);
            if (left.merge(chosen, -1, Integer::sum) == 0) {
                open.remove(Integer.valueOf(chosen));
            }
        }
        return order;
    }

    private static final int OPEN = 8; // conversations that go on at once

    /** What one cache of a given size would have found: an LRU of whole segments, leaves first. */
    static final class OneCache {
        private final int segments;
        private final int segmentTokens;
        private final LinkedHashMap<Integer, Boolean> held = new LinkedHashMap<>(16, 0.75f, true);

        OneCache(int segments, int segmentTokens) {
            this.segments = segments;
            this.segmentTokens = segmentTokens;
        }

        /** Returns how many tokens of a prompt it has, and takes in what is computed of prompt and reply. */
        int ask(int[] prompt, int[] reply) {
            int[] all = Arrays.copyOf(prompt, prompt.length + reply.length);
            System.arraycopy(reply, 0, all, prompt.length, reply.length);
            List<Integer> chain = new ArrayList<>();
            int hash = 1;
            for (int i = 0; i + segmentTokens < all.length; i += segmentTokens) {
                hash = 31 * hash + Arrays.hashCode(Arrays.copyOfRange(all, i, i + segmentTokens));
                chain.add(hash);
            }
            int found = 0;
            int most = (prompt.length - 1) / segmentTokens;
            while (found < most && held.containsKey(chain.get(found))) {
                found++;
            }
            for (int i = chain.size() - 1; i >= 0; i--) {
                held.put(chain.get(i), true); // parents last: they are younger than what continues them
            }
            while (held.size() > segments) {
                held.remove(held.keySet().iterator().next());
            }
            return found * segmentTokens;
        }
    }
}
