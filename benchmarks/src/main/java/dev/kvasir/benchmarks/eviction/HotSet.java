package dev.kvasir.benchmarks.eviction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Prompts that are asked again and again, by Zipf with exponent 0.9: 400 in 16 families that share a prefix of 8 segments, and 2 to
 * 10 segments of their own, 2,500 or so in all. Each answer is 2 segments that never come again.
 */
final class HotSet {
    private static final int FAMILIES = 16;
    private static final int SHARED = 8;
    private static final int PROMPTS = 400;
    private static final int SHORTEST = 2;
    private static final int LONGEST = 10;
    private static final int ANSWER = 2;

    private final Contents contents;
    private final Random random;
    private final List<long[]> prompts = new ArrayList<>();
    private final Zipf zipf = new Zipf(PROMPTS, 0.9);

    HotSet(Contents contents, Random random) {
        this.contents = contents;
        this.random = random;
        for (int family = 0; family < FAMILIES; family++) {
            long[] shared = contents.fresh(SHARED);
            for (int i = 0; i < PROMPTS / FAMILIES; i++) {
                prompts.add(Contents.join(shared, contents.fresh(random.nextInt(SHORTEST, LONGEST + 1))));
            }
        }
        Collections.shuffle(prompts, random);
    }

    /** Returns the next request. */
    Request next(String group) {
        long[] prompt = prompts.get(zipf.draw(random));
        return new Request(group, prompt.length, Contents.join(prompt, contents.fresh(ANSWER)));
    }

    /** Adds so many requests to a list. */
    void addTo(List<Request> requests, String group, int count) {
        for (int i = 0; i < count; i++) {
            requests.add(next(group));
        }
    }
}
