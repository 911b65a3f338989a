package dev.kvasir.scheduler;

import java.util.Map;

/** Where prefixes lie. */
public interface PrefixLocations {
    /** Returns by node number how many tokens of a prompt's cached prefix lie there; whoever isn't named has none. A hint. */
    Map<Integer, Integer> tokensByNode(RouteRequest request);
}
