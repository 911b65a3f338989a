package dev.kvasir.engine.http;

import dev.kvasir.engine.config.ApiKey;
import dev.kvasir.engine.config.HttpSettings;
import dev.kvasir.engine.config.Keys;
import dev.kvasir.engine.config.Origins;
import dev.kvasir.engine.openai.ApiError;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides who may use what. Thread-safe. */
final class Access {
    /** Who may use a route. */
    enum Level {
        /** Anybody, keys or not. */
        OPEN,
        /** Who has a key, where keys are set. */
        CLIENT,
        /** Who has an administrator's key; where none is set, who reaches a loopback address. */
        ADMIN
    }

    private static final String BEARER = "bearer ";
    private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private final Supplier<Keys> keys;
    private final Origins origins;
    private final boolean loopback;
    private final String host;

    /** @param keys those that are good now; asked once for each request */
    Access(HttpSettings settings, Supplier<Keys> keys) {
        this.keys = keys;
        origins = settings.origins();
        loopback = settings.isLoopback();
        host = settings.host().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the tenant that a request is from.
     *
     * @param authorization the header of this name
     * @throws ApiError 401 without a key where one is needed, 403 with one that doesn't suffice
     */
    Tenant admit(Level level, @Nullable String authorization) {
        Tenant tenant = identify(authorization);
        if (level == Level.OPEN) {
            return tenant == null ? Tenant.anybody(false) : tenant;
        }
        if (tenant == null) {
            throw ApiError.unauthorized();
        }
        if (level == Level.ADMIN && !tenant.admin()) {
            throw ApiError.forbidden("This route needs an administrator's key (http.adminKeys).");
        }
        return tenant;
    }

    private @Nullable Tenant identify(@Nullable String authorization) {
        Keys now = keys.get();
        boolean isOpenAdmin = now.admins().isEmpty() && loopback;
        if (authorization != null
                && authorization.length() > BEARER.length()
                && authorization
                        .substring(0, BEARER.length())
                        .toLowerCase(Locale.ROOT)
                        .equals(BEARER)) {
            byte[] digest =
                    ApiKey.sha256(authorization.substring(BEARER.length()).strip());
            ApiKey admin = now.admin(digest);
            ApiKey client = now.client(digest);
            if (admin != null) {
                return new Tenant(admin.tenant(), true, admin);
            }
            if (client != null) {
                return new Tenant(client.tenant(), isOpenAdmin, client);
            }
        }
        // Clients send some key even where none is asked for: it means nothing then.
        return now.clients().isEmpty() ? Tenant.anybody(isOpenAdmin) : null;
    }

    /**
     * Checks that a browser wasn't sent here by a page from elsewhere. Without keys reaching the address is the permission, so a
     * page that rebinds its own name to 127.0.0.1 must not have it.
     *
     * @throws ApiError 403
     */
    void checkOrigin(@Nullable String hostHeader, @Nullable String origin) {
        if (!keys.get().clients().isEmpty()) {
            return;
        }
        if (hostHeader != null && !isOurs(withoutPort(hostHeader))) {
            throw ApiError.forbidden("The Host header names another machine than this one; without http.apiKeys only"
                    + " localhost, 127.0.0.1 and [::1] are served.");
        }
        if (origin != null && !origins.allow(origin)) {
            int scheme = origin.indexOf("://");
            if (scheme < 0 || !isOurs(withoutPort(origin.substring(scheme + 3)))) {
                throw ApiError.forbidden(
                        "Pages from other origins than those of http.corsOrigins are not served without keys.");
            }
        }
    }

    private boolean isOurs(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return LOOPBACK_NAMES.contains(lower) || lower.equals(host) || lower.equals("[" + host + "]");
    }

    private static String withoutPort(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
    }
}
