package dev.kvasir.engine.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Every setting's key and default, in the order of {@code conf/kvasir.yaml}. Defaults are written as a person would. */
public final class SettingKeys {
    /** The default of a setting that may stay unset. */
    static final String UNSET = "";

    private static final Map<String, Object> DEFAULTS = new LinkedHashMap<>();

    static {
        DEFAULTS.put("model.path", UNSET);
        DEFAULTS.put("model.name", UNSET);
        DEFAULTS.put("model.aliases", List.of());
        DEFAULTS.put("model.dtype", "auto");
        DEFAULTS.put("model.threads", "0");
        DEFAULTS.put("model.chatTemplate", UNSET);
        DEFAULTS.put("model.toolParser", "auto");
        DEFAULTS.put("model.pooling", "last");
        DEFAULTS.put("runner.plan", "auto");
        DEFAULTS.put("runner.device", "cpu");
        DEFAULTS.put("pool.deviceBytes", "1GiB");
        DEFAULTS.put("pool.segmentTokens", "64");
        DEFAULTS.put("pool.hostBytes", "0");
        DEFAULTS.put("pool.diskBytes", "0");
        DEFAULTS.put("pool.diskPath", UNSET);
        DEFAULTS.put("pool.eviction", "lru");
        DEFAULTS.put("pool.writePolicy", "through");
        DEFAULTS.put("pool.selectiveHits", "2");
        DEFAULTS.put("pool.prefetch", "timeout");
        DEFAULTS.put("pool.prefetchMillis", "500");
        DEFAULTS.put("pool.storedDtype", "model");
        DEFAULTS.put("pool.tenantQuota", "1");
        DEFAULTS.put("pool.sharedSalts", List.of());
        DEFAULTS.put("pool.ioThreads", "2");
        DEFAULTS.put("scheduler.maxStepTokens", "512");
        DEFAULTS.put("scheduler.maxSequences", "32");
        DEFAULTS.put("scheduler.maxQueued", "256");
        DEFAULTS.put("scheduler.prefillChunk", "256");
        DEFAULTS.put("http.host", "127.0.0.1");
        DEFAULTS.put("http.port", "8000");
        DEFAULTS.put("http.apiKeys", List.of());
        DEFAULTS.put("http.apiKeysFile", UNSET);
        DEFAULTS.put("http.adminKeys", List.of());
        DEFAULTS.put("http.adminKeysFile", UNSET);
        DEFAULTS.put("http.limits.requestsPerMinute", "0");
        DEFAULTS.put("http.limits.tokensPerMinute", "0");
        DEFAULTS.put("http.limits.concurrent", "0");
        DEFAULTS.put("http.corsOrigins", List.of());
        DEFAULTS.put("http.tls.cert", UNSET);
        DEFAULTS.put("http.tls.key", UNSET);
        DEFAULTS.put("http.maxBodyBytes", "4MiB");
        DEFAULTS.put("http.maxConnections", "1024");
        DEFAULTS.put("http.drainSeconds", "30");
        DEFAULTS.put("http.keepAliveSeconds", "15");
        DEFAULTS.put("http.idleSeconds", "75");
        DEFAULTS.put("http.stallSeconds", "30");
        DEFAULTS.put("http.sendBufferBytes", "64KiB");
        DEFAULTS.put("http.maxPendingTokens", "4096");
        DEFAULTS.put("responses.maxStored", "1000");
        DEFAULTS.put("responses.maxBytes", "64MiB");
        DEFAULTS.put("responses.keepSeconds", "86400");
        DEFAULTS.put("cluster.enabled", "false");
        DEFAULTS.put("cluster.join", List.of());
        DEFAULTS.put("cluster.bind", "127.0.0.1");
        DEFAULTS.put("cluster.port", "5701");
        DEFAULTS.put("cluster.busPort", "0");
        DEFAULTS.put("cluster.dataPort", "0");
        DEFAULTS.put("cluster.role", "mixed");
        DEFAULTS.put("cluster.routing", "pooled");
        DEFAULTS.put("cluster.reads", "auto");
        DEFAULTS.put("cluster.elastic", "off");
        DEFAULTS.put("cluster.elasticTokens", "1024");
        DEFAULTS.put("cluster.name", UNSET);
        DEFAULTS.put("cluster.secret", UNSET);
        DEFAULTS.put("cluster.secretFile", UNSET);
        DEFAULTS.put("cluster.tls.cert", UNSET);
        DEFAULTS.put("cluster.tls.key", UNSET);
        DEFAULTS.put("cluster.tls.ca", UNSET);
        DEFAULTS.put("batches.dir", UNSET);
        DEFAULTS.put("batches.maxFileBytes", "100MiB");
        DEFAULTS.put("batches.tenantBytes", "1GiB");
        DEFAULTS.put("batches.tenantFiles", "1000");
        DEFAULTS.put("batches.maxLines", "50000");
        DEFAULTS.put("batches.tenantOpen", "16");
        DEFAULTS.put("batches.inFlight", "8");
        DEFAULTS.put("data.dir", "data");
    }

    private SettingKeys() {}

    /** Returns every default: a text, or a list of texts. */
    public static Map<String, Object> defaults() {
        return new LinkedHashMap<>(DEFAULTS);
    }

    /** Returns a value as it may be shown to whoever operates the server: of keys how many there are, of a secret whether it's set. */
    static String shown(String key, Object value) {
        String name = key.substring(key.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (value instanceof List<?> items) {
            return name.endsWith("keys")
                    ? items.size() + (items.size() == 1 ? " key" : " keys")
                    : String.valueOf(items);
        }
        boolean isSecret = name.endsWith("secret") || name.endsWith("password") || name.endsWith("token");
        return isSecret ? (UNSET.equals(value) ? UNSET : "set") : String.valueOf(value);
    }

    /** Returns whether the setting is a list. */
    static boolean isList(String key) {
        return DEFAULTS.get(key) instanceof List;
    }

    /**
     * Checks that a key is known.
     *
     * @throws SettingsException that names the key and the one that was probably meant
     */
    static void check(String key) {
        if (!DEFAULTS.containsKey(key)) {
            throw new SettingsException("unknown setting " + key + "; did you mean " + nearest(key) + "?");
        }
    }

    private static String nearest(String key) {
        String best = "model.path";
        int bestDistance = Integer.MAX_VALUE;
        for (String known : DEFAULTS.keySet()) {
            // A right name under a wrong or missing section is the likelier slip than many wrong letters.
            String name = known.substring(known.indexOf('.') + 1);
            int distance = Math.min(distance(key, known), 1 + distance(key.substring(key.lastIndexOf('.') + 1), name));
            if (distance < bestDistance) {
                bestDistance = distance;
                best = known;
            }
        }
        return best;
    }

    /** Levenshtein's distance, letter case aside. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                boolean same = Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    /** Returns every key. */
    public static Set<String> all() {
        return DEFAULTS.keySet();
    }
}
