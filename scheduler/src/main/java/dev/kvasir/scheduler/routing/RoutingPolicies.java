package dev.kvasir.scheduler.routing;

import dev.kvasir.scheduler.PrefixLocations;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** The routing policies there are; {@link #toString} is what a setting calls them. */
public enum RoutingPolicies {
    POOLED,
    CACHE_AWARE,
    LEAST_LOADED,
    ROUND_ROBIN;

    /**
     * Creates a policy.
     *
     * @param segmentTokens tokens of a segment
     * @param locations where prefixes lie, for {@link #POOLED}
     * @param random draws among equals
     */
    public RoutingPolicy create(int segmentTokens, PrefixLocations locations, RandomGenerator random) {
        return switch (this) {
            case POOLED -> new Pooled(locations, random);
            case CACHE_AWARE -> new CacheAware(segmentTokens, CacheAwareConfig.DEFAULT);
            case LEAST_LOADED -> new LeastLoaded(random);
            case ROUND_ROBIN -> new RoundRobin();
        };
    }

    /**
     * Returns the policy of a name, such as {@code cache-aware}.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public static RoutingPolicies of(String name) {
        for (RoutingPolicies policy : values()) {
            if (policy.toString().equals(name)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("a routing policy is one of "
                + Arrays.stream(values()).map(RoutingPolicies::toString).collect(Collectors.joining(", "))
                + ", not " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
