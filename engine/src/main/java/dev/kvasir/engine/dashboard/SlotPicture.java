package dev.kvasir.engine.dashboard;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.TierSurvey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every slot of a pool in four bytes, to be drawn. Little-endian:
 *
 * <pre>
 *   "KVS1" | tenants 1 | tiers 1 | per tenant: length 1, alias | per tier: tier 1, slots 4 | per tier, per slot: state 1, hits 1, recency 1, tenant 1
 * </pre>
 *
 * Hits are 16 times the logarithm to base 2 of one more; recency is 255 for what was used last and 0 for what was used longest ago; a tenant is the number
 * of its alias, and {@link #OTHER} where there are too many.
 */
final class SlotPicture {
    static final int OTHER = 255;
    private static final int MOST_TENANTS = 200;

    private SlotPicture() {}

    static byte[] of(List<TierSurvey> tiers) {
        Map<Long, Integer> tenants = new LinkedHashMap<>();
        List<byte[]> aliases = new ArrayList<>();
        int slots = 0;
        for (TierSurvey tier : tiers) {
            slots += tier.states().length;
            for (SegmentId id : tier.ids()) {
                if (id != null && tenants.size() < MOST_TENANTS && !tenants.containsKey(SegmentIdentity.tenant(id))) {
                    tenants.put(SegmentIdentity.tenant(id), tenants.size());
                    aliases.add(SegmentIdentity.tenantAlias(id).getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
        int names = aliases.stream().mapToInt(alias -> 1 + alias.length).sum();
        ByteBuffer picture =
                ByteBuffer.allocate(6 + names + 5 * tiers.size() + 4 * slots).order(ByteOrder.LITTLE_ENDIAN);
        picture.put("KVS1".getBytes(StandardCharsets.US_ASCII))
                .put((byte) aliases.size())
                .put((byte) tiers.size());
        aliases.forEach(alias -> picture.put((byte) alias.length).put(alias));
        tiers.forEach(tier -> picture.put((byte) tier.tier().ordinal()).putInt(tier.states().length));
        tiers.forEach(tier -> put(tier, tenants, picture));
        return picture.array();
    }

    private static void put(TierSurvey tier, Map<Long, Integer> tenants, ByteBuffer picture) {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (int slot = 0; slot < tier.states().length; slot++) {
            if (tier.ids()[slot] != null) {
                first = Math.min(first, tier.lastUses()[slot]);
                last = Math.max(last, tier.lastUses()[slot]);
            }
        }
        double scale = last > first ? 255.0 / (last - first) : 0;
        for (int slot = 0; slot < tier.states().length; slot++) {
            SegmentId id = tier.ids()[slot];
            picture.put(tier.states()[slot]);
            if (id == null) {
                picture.put((byte) 0).put((byte) 0).put((byte) OTHER);
            } else {
                double hits = 16 * Math.log(tier.hits()[slot] + 1.0) / Math.log(2);
                picture.put((byte) Math.min(255, Math.round(hits)))
                        .put((byte) (last > first ? Math.round((tier.lastUses()[slot] - first) * scale) : 255))
                        .put((byte) (int) tenants.getOrDefault(SegmentIdentity.tenant(id), OTHER));
            }
        }
    }
}
