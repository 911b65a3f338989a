package dev.kvasir.engine.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are good now.
 *
 * @param clients none lets everybody in who reaches the (loopback) address
 * @param admins keys of administrators
 */
public record Keys(List<ApiKey> clients, List<ApiKey> admins) {
    public Keys {
        clients = List.copyOf(clients);
        admins = List.copyOf(admins);
    }

    /** Returns whose key has this digest. */
    public @Nullable ApiKey client(byte[] digest) {
        return find(clients, digest);
    }

    /** Returns which administrator's key has this digest. */
    public @Nullable ApiKey admin(byte[] digest) {
        return find(admins, digest);
    }

    /** Compares with every key, so that the time tells nothing about which one was near. */
    private static @Nullable ApiKey find(List<ApiKey> keys, byte[] digest) {
        ApiKey found = null;
        for (ApiKey key : keys) {
            if (key.matches(digest)) {
                found = key;
            }
        }
        return found;
    }
}
