package dev.kvasir.benchmarks.eviction;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A hot set, and in the midst of it a scan: after each hot request a prompt of 16 to 48 segments that never comes again, of all ten
 * times the pool at least.
 */
record ScanTraffic(long seed) implements Traffic {
    private static final int WARM_UP = 3_000;
    private static final int PHASE = 3_000;
    private static final int SHORTEST = 16;
    private static final int LONGEST = 48;
    private static final int POOLS = 10;

    @Override
    public String name() {
        return "scan";
    }

    @Override
    public List<Request> requests(int slots) {
        Random random = new Random(seed);
        Contents contents = new Contents();
        HotSet hot = new HotSet(contents, random);
        List<Request> requests = new ArrayList<>();
        hot.addTo(requests, Request.WARM_UP, WARM_UP);
        hot.addTo(requests, "hot before", PHASE);
        long scanned = 0;
        for (int i = 0; i < PHASE || scanned < (long) POOLS * slots; i++) {
            requests.add(hot.next("hot during"));
            long[] once = contents.fresh(random.nextInt(SHORTEST, LONGEST + 1));
            requests.add(new Request(Request.WARM_UP, once.length, once));
            scanned += once.length;
        }
        hot.addTo(requests, "hot after", PHASE);
        return requests;
    }
}
