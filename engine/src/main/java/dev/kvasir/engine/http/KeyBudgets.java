package dev.kvasir.engine.http;

import dev.kvasir.engine.config.ApiKey;
import dev.kvasir.engine.config.KeyLimits;
import dev.kvasir.engine.config.Keys;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The budget of each key that is good now; who needs no key shares one with all others. Thread-safe. */
final class KeyBudgets {
    private final KeyLimits defaults;
    private final LongSupplier nanoTime;
    private final Consumer<KeyBudget.Limit> onLimited;
    private final Map<Optional<ApiKey>, KeyBudget> budgets = new ConcurrentHashMap<>();

    /** @param defaults limits where a key has none of its own */
    KeyBudgets(KeyLimits defaults, LongSupplier nanoTime, Consumer<KeyBudget.Limit> onLimited) {
        this.defaults = defaults;
        this.nanoTime = nanoTime;
        this.onLimited = onLimited;
    }

    /** Returns a key's budget; a new one, full, if its limits are others than before. */
    KeyBudget of(@Nullable ApiKey key) {
        KeyLimits limits = key == null ? defaults : key.limits().or(defaults);
        if (limits.isNone()) {
            return KeyBudget.NONE;
        }
        return budgets.compute(Optional.ofNullable(key), (same, known) -> {
            if (known != null && known.limits().equals(limits)) {
                return known;
            }
            AtomicInteger running = known == null ? new AtomicInteger() : known.running();
            return new KeyBudget(limits, nanoTime, onLimited, running);
        });
    }

    /** Forgets the budgets of keys that aren't good any more. */
    void keep(Keys keys) {
        Set<ApiKey> good = new HashSet<>(keys.clients());
        good.addAll(keys.admins());
        budgets.keySet().removeIf(key -> key.isPresent() && !good.contains(key.get()));
    }
}
