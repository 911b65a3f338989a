package dev.kvasir.benchmarks.eviction;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;

/**
 * A hot set, and beside it prompts that are asked five times within the time of thirty hot requests and never again, as agents do: with
 * every fourth hot request another one of 8 to 24 segments begins.
 */
record BurstTraffic(long seed) implements Traffic {
    private static final int WARM_UP = 3_000;
    private static final int HOT_REQUESTS = 4_000;
    private static final int HOT_PER_BURST = 4;
    private static final int SHORTEST = 8;
    private static final int LONGEST = 24;
    private static final int AGAIN = 4;
    private static final int LONGEST_GAP = 7; // in hot requests
    private static final int ANSWER = 2;

    private record Repeat(int due, long[] prompt) {}

    @Override
    public String name() {
        return "bursts";
    }

    @Override
    public List<Request> requests(int slots) {
        Random random = new Random(seed);
        Contents contents = new Contents();
        HotSet hot = new HotSet(contents, random);
        List<Request> requests = new ArrayList<>();
        hot.addTo(requests, Request.WARM_UP, WARM_UP);
        Queue<Repeat> repeats = new PriorityQueue<>(Comparator.comparingInt(Repeat::due));
        for (int i = 0; i < HOT_REQUESTS; i++) {
            requests.add(hot.next("hot"));
            if (i % HOT_PER_BURST == 0) {
                long[] prompt = contents.fresh(random.nextInt(SHORTEST, LONGEST + 1));
                requests.add(answered(Request.WARM_UP, prompt, contents)); // nothing of it can be there
                int due = i;
                for (int again = 0; again < AGAIN; again++) {
                    due += random.nextInt(1, LONGEST_GAP + 1);
                    repeats.add(new Repeat(due, prompt));
                }
            }
            for (Repeat next = repeats.peek(); next != null && next.due <= i; next = repeats.peek()) {
                requests.add(answered("again soon", next.prompt, contents));
                repeats.remove();
            }
        }
        return requests;
    }

    private static Request answered(String group, long[] prompt, Contents contents) {
        return new Request(group, prompt.length, Contents.join(prompt, contents.fresh(ANSWER)));
    }
}
