package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.pool.Tier;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A checked body of {@code POST /v1/kvasir/pool/evict}: {@code {"tier":"device","segments":100}} or {@code {"tier":"device","all":true}}.
 *
 * @param tier where
 * @param segments how many at most; {@link Integer#MAX_VALUE} for all
 */
public record EvictRequest(Tier tier, int segments) {
    private static final Set<String> FIELDS = Set.of("tier", "segments", "all");

    /**
     * Checks a body. Unlike a generating request it has no fields to be ignored: what was misspelt here could empty a cache.
     *
     * @param tiers those that there are
     */
    public static EvictRequest of(ObjectNode body, List<Tier> tiers) {
        Fields fields = new Fields(body, "");
        fields.refuseOthersThan(FIELDS);
        Tier tier = tier(fields, tiers);
        boolean all = fields.bool("all", false);
        Long segments = fields.integer("segments", 1, Integer.MAX_VALUE);
        if (all && segments != null) {
            throw ApiError.badField("all", "Give 'segments' or 'all', not both.");
        }
        if (!all && segments == null) {
            throw Fields.missing("segments");
        }
        return new EvictRequest(tier, segments == null ? Integer.MAX_VALUE : segments.intValue());
    }

    private static Tier tier(Fields fields, List<Tier> tiers) {
        String name = fields.text("tier", 1, 64);
        if (name == null) {
            throw Fields.missing("tier");
        }
        List<String> names = tiers.stream().map(EvictRequest::name).toList();
        int index = names.indexOf(name);
        if (index < 0) {
            throw ApiError.badField(
                    "tier", "'tier' must be one of " + String.join(", ", names) + ", not '" + name + "'.");
        }
        return tiers.get(index);
    }

    /** Returns how the API writes a tier. */
    static String name(Tier tier) {
        return tier.name().toLowerCase(Locale.ROOT);
    }
}
