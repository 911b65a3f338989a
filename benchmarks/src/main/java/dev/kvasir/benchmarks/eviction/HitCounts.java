package dev.kvasir.benchmarks.eviction;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** How many segments of prompts were asked for and found, by group, in the order in which groups came. */
final class HitCounts {
    private static final class Count {
        private long requests;
        private long asked;
        private long found;
    }

    private final Map<String, Count> groups = new LinkedHashMap<>();

    /** Counts a request, unless it is of the warm-up. */
    void add(Request request, int found) {
        if (request.group().equals(Request.WARM_UP)) {
            return;
        }
        Count count = groups.computeIfAbsent(request.group(), group -> new Count());
        count.requests++;
        count.asked += request.prompt();
        count.found += found;
    }

    Set<String> groups() {
        return groups.keySet();
    }

    long requests(String group) {
        return count(group).requests;
    }

    long asked(String group) {
        return count(group).asked;
    }

    /** Returns the share of a group's segments that were found, from 0 to 1; NaN if none was asked for. */
    double rate(String group) {
        Count count = count(group);
        return count.asked == 0 ? Double.NaN : (double) count.found / count.asked;
    }

    private Count count(String group) {
        Count count = groups.get(group);
        if (count == null) {
            throw new IllegalArgumentException("no request was of group " + group);
        }
        return count;
    }
}
