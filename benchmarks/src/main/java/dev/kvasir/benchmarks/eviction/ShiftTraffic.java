package dev.kvasir.benchmarks.eviction;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A hot set, and from one request to the next quite another one. */
record ShiftTraffic(long seed) implements Traffic {
    private static final int WARM_UP = 3_000;
    private static final int PHASE = 3_000;
    private static final int SOON = 1_000;

    @Override
    public String name() {
        return "shift";
    }

    @Override
    public List<Request> requests(int slots) {
        Random random = new Random(seed);
        Contents contents = new Contents();
        List<Request> requests = new ArrayList<>();
        HotSet old = new HotSet(contents, random);
        old.addTo(requests, Request.WARM_UP, WARM_UP);
        old.addTo(requests, "old set", PHASE);
        HotSet young = new HotSet(contents, random);
        young.addTo(requests, "new, 1st 1000", SOON);
        young.addTo(requests, "new, 2nd 1000", SOON);
        young.addTo(requests, "new, then", PHASE);
        return requests;
    }
}
