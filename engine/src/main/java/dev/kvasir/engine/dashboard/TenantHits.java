package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much of its prompts each tenant found in the cache, by the minute, for the last hour; the busiest ones alone, in constant memory. Thread-safe. */
public final class TenantHits {
    static final int MOST = 64;
    static final int SHOWN = 8;
    static final int MINUTES = 60;

    private static final class Minutes {
        final long[] lookedUp = new long[MINUTES];
        final long[] found = new long[MINUTES];
        long lastMinute;
        long total;
    }

    private final Map<String, Minutes> byTenant = new HashMap<>();
    private final Map<String, String> names = new HashMap<>(); // by alias, as far as they are known
    private long minute;

    /** Notes what a tenant is called. */
    public synchronized void name(String alias, String name) {
        if (names.size() < MOST || names.containsKey(alias)) {
            names.put(alias, name);
        }
    }

    synchronized void lookedUp(String alias, int tokens, int found) {
        Minutes minutes = byTenant.get(alias);
        if (minutes == null) {
            if (byTenant.size() >= MOST) {
                byTenant.entrySet().stream()
                        .min(Comparator.comparingLong(entry -> entry.getValue().lastMinute))
                        .map(Map.Entry::getKey)
                        .ifPresent(byTenant::remove);
            }
            minutes = new Minutes();
            byTenant.put(alias, minutes);
        }
        int at = (int) (minute % MINUTES);
        minutes.lookedUp[at] += tokens;
        minutes.found[at] += found;
        minutes.lastMinute = minute;
        minutes.total += tokens;
    }

    /** A minute is over. */
    synchronized void nextMinute() {
        minute++;
        int at = (int) (minute % MINUTES);
        byTenant.values().forEach(minutes -> {
            minutes.total -= minutes.lookedUp[at];
            minutes.lookedUp[at] = 0;
            minutes.found[at] = 0;
        });
        byTenant.values().removeIf(minutes -> minutes.total == 0);
    }

    /**
     * Returns by alias, for who has looked up most: name, tokens looked up and found in the last hour, and their ratio by the minute, oldest first, -1
     * where nothing was looked up.
     */
    synchronized ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        List<Map.Entry<String, Minutes>> most = byTenant.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, Minutes> entry) -> -entry.getValue().total)
                        .thenComparing(Map.Entry::getKey))
                .limit(SHOWN)
                .toList();
        for (Map.Entry<String, Minutes> entry : most) {
            Minutes minutes = entry.getValue();
            ObjectNode tenant = json.putObject(entry.getKey());
            tenant.put("name", names.getOrDefault(entry.getKey(), ""));
            long found = 0;
            ArrayNode rates = tenant.putArray("rates");
            for (long of = minute - MINUTES + 1; of < minute; of++) {
                int at = (int) Math.floorMod(of, (long) MINUTES);
                found += minutes.found[at];
                rates.add(
                        minutes.lookedUp[at] == 0
                                ? Numbers.of(-1)
                                : Numbers.of((double) minutes.found[at] / minutes.lookedUp[at]));
            }
            found += minutes.found[(int) (minute % MINUTES)];
            tenant.put("lookedUp", minutes.total).put("found", found);
        }
        return json;
    }

    /** Returns what a tenant is called; empty if that isn't known. */
    synchronized String nameOf(String alias) {
        return names.getOrDefault(alias, "");
    }
}
