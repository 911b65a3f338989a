package dev.kvasir.engine;

import dev.kvasir.engine.serving.CacheRoots;
import dev.kvasir.engine.serving.ModelFacts;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.tenant.TenantSalts;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Roots for one model: each tenant has its own, one more for each of its cache salts, and all tenants have those of the shared salts. */
final class TenantRoots implements CacheRoots {
    private static final String SHARED = "shared"; // no tenant's: their names begin with a number here

    private final ModelFacts model;
    private final String form;
    private final TenantSalts salts;
    private final Set<String> sharedSalts;

    /**
     * Creates them.
     *
     * @param form what keys and values are, and what inexact forms they may have been through
     */
    TenantRoots(ModelFacts model, String form, TenantSalts salts, Collection<String> sharedSalts) {
        this.model = model;
        this.form = form;
        this.salts = salts;
        this.sharedSalts = Set.copyOf(sharedSalts);
    }

    @Override
    public SegmentId rootFor(String tenant, @Nullable String cacheSalt) {
        if (cacheSalt == null) {
            return rootOf(owner(tenant));
        }
        // What is shared counts as a tenant's of its own: it is on nobody's quota, and nobody's flood of it is on
        // anybody else's.
        String owner = sharedSalts.contains(cacheSalt) ? SHARED : owner(tenant);
        return SegmentIdentity.salted(rootOf(owner), salts.salt(owner + ":" + cacheSalt));
    }

    /** The length in front keeps tenant "a" with salt "b:c" apart from tenant "a:b" with salt "c". */
    private static String owner(String tenant) {
        return tenant.length() + ":" + tenant;
    }

    private SegmentId rootOf(String owner) {
        return SegmentIdentity.root(
                model.fingerprint(), form, model.config().rope().canonical(), salts.salt(owner));
    }
}
