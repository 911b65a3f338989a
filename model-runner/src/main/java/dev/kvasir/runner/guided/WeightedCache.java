package dev.kvasir.runner.guided;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Keeps what was used last, up to a weight. What clients can make grow is weighed, not counted. Thread-safe. */
final class WeightedCache<K, V> {
    private final long most;
    private final ToLongFunction<V> weigher;
    private final Map<K, V> kept =
            new LinkedHashMap<>(64, 0.75f, true); // guarded by this; the one that was used last comes last
    private long weight; // guarded by this

    WeightedCache(long most, ToLongFunction<V> weigher) {
        this.most = most;
        this.weigher = weigher;
    }

    synchronized @Nullable V get(K key) {
        return kept.get(key);
    }

    /** Keeps a value, unless there is one for its key already; returns the one that is kept. */
    synchronized V put(K key, V value) {
        V other = kept.putIfAbsent(key, value);
        if (other != null) {
            return other;
        }
        weight += weigher.applyAsLong(value);
        Iterator<V> eldest = kept.values().iterator();
        while (weight > most && kept.size() > 1) {
            weight -= weigher.applyAsLong(eldest.next());
            eldest.remove();
        }
        return value;
    }
}
