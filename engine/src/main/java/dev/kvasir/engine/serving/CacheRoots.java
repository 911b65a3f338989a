package dev.kvasir.engine.serving;

import dev.kvasir.pool.SegmentId;
import org.jspecify.annotations.Nullable;

/** Where a tenant's identity chain starts. Thread-safe. */
@FunctionalInterface
public interface CacheRoots {
    /**
     * Returns the root.
     *
     * @param tenant whose cache it is
     * @param cacheSalt splits the tenant's cache: only requests with equal salts share; one that the settings name as shared is every tenant's; null for the tenant's common one
     */
    SegmentId rootFor(String tenant, @Nullable String cacheSalt);
}
