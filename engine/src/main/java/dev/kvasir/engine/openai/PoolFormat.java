package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.PrefixReport;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import java.util.TreeMap;

/** What is said about the pool, as JSON. */
public final class PoolFormat {
    private PoolFormat() {}

    /** Returns the body of {@code GET /v1/kvasir/pool}. */
    public static ObjectNode report(PoolReport report) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode tiers = body.putArray("tiers");
        report.tiers().forEach(tier -> tiers.add(tier(tier)));
        ArrayNode prefixes = body.putArray("top_prefixes");
        report.topPrefixes().forEach(prefix -> prefixes.add(prefix(prefix)));
        ArrayNode tenants = body.putArray("tenants");
        report.tenants().forEach(tenant -> tenants.add(tenant(tenant)));
        return body;
    }

    /** Returns the body of {@code POST /v1/kvasir/pool/evict}. */
    public static ObjectNode evicted(int segments) {
        return JsonNodeFactory.instance.objectNode().put("evicted", segments);
    }

    private static ObjectNode tier(TierReport report) {
        PoolUsage usage = report.usage();
        TierCounters counters = report.counters();
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("tier", EvictRequest.name(report.tier()))
                .put("bytes", report.bytes());
        node.putObject("slots")
                .put("total", usage.slots())
                .put("free", usage.free())
                .put("writing", usage.writing())
                .put("pinned", usage.pinned())
                .put("evictable", usage.evictable());
        node.put("inserted", usage.inserted())
                .put("duplicates", usage.duplicates())
                .put("hits", counters.hits())
                .put("hit_tokens", counters.hitTokens())
                .put("misses", counters.misses())
                .put("promotions", counters.promotions())
                .put("demotions", counters.demotions())
                .put("evictions", counters.evictions());
        ObjectNode failures = node.putObject("failures");
        new TreeMap<>(counters.failures()).forEach(failures::put);
        return node;
    }

    private static ObjectNode prefix(PrefixReport report) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", report.id())
                .put("tenant", report.tenant())
                .put("tokens", report.tokens())
                .put("hits", report.hits())
                .put("tier", EvictRequest.name(report.tier()));
    }

    private static ObjectNode tenant(TenantReport report) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("tenant", report.tenant());
        ObjectNode segments = node.putObject("segments");
        for (Tier tier : Tier.values()) {
            Integer count = report.segments().get(tier);
            if (count != null) {
                segments.put(EvictRequest.name(tier), count);
            }
        }
        if (report.quotaSegments() == TenantReport.NO_QUOTA) {
            return node.putNull("quota_segments");
        }
        return node.put("quota_segments", report.quotaSegments());
    }
}
