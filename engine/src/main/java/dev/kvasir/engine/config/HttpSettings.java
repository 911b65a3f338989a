package dev.kvasir.engine.config;

import org.jspecify.annotations.Nullable;

/**
 * The HTTP door.
 *
 * @param host address to bind
 * @param port port to bind, 0 for any
 * @param keys of clients and administrators; none of clients lets everybody in who reaches the (loopback) address
 * @param limits what a key may ask for that has no limits of its own
 * @param origins whose pages may ask
 * @param tls certificate and key; null for plain HTTP
 * @param maxBodyBytes longest request body
 * @param maxConnections connections at once
 * @param drainSeconds how long running requests may go on after SIGTERM
 * @param keepAliveSeconds silence in a stream after which a comment is sent
 * @param idleSeconds how long a connection may stay open with no whole request
 * @param stallSeconds how long a client may take no byte of its response
 * @param sendBufferBytes the kernel's send buffer for a connection, and as much of our own
 * @param maxPendingTokens tokens that may wait for a slow reader
 */
public record HttpSettings(
        String host,
        int port,
        KeySources keys,
        KeyLimits limits,
        Origins origins,
        @Nullable DoorTls tls,
        int maxBodyBytes,
        int maxConnections,
        int drainSeconds,
        int keepAliveSeconds,
        int idleSeconds,
        int stallSeconds,
        int sendBufferBytes,
        int maxPendingTokens) {
    public HttpSettings {
        if (!keys.areSet() && !Addresses.isLoopback("http.host", host)) {
            throw new SettingsException("http.host " + host + " can be reached from other machines, which needs keys:"
                    + " set http.apiKeys or http.apiKeysFile, or keep 127.0.0.1");
        }
    }

    static HttpSettings of(SettingValues values) {
        return new HttpSettings(
                values.text("http.host"),
                values.integer("http.port", 0, 65535),
                KeySources.of(values),
                KeyLimits.of(values),
                Origins.of(values),
                DoorTls.of(values),
                (int) values.size("http.maxBodyBytes", 1024, 1 << 30),
                values.integer("http.maxConnections", 1, 1 << 20),
                values.integer("http.drainSeconds", 0, 86_400),
                values.integer("http.keepAliveSeconds", 1, 3600),
                values.integer("http.idleSeconds", 1, 86_400),
                values.integer("http.stallSeconds", 1, 3600),
                (int) values.size("http.sendBufferBytes", 4096, 1 << 28),
                values.integer("http.maxPendingTokens", 1, 1 << 20));
    }

    /** Returns whether only this machine can reach the address. */
    public boolean isLoopback() {
        return Addresses.isLoopback("http.host", host);
    }

    HttpSettings withPort(int newPort) {
        return new HttpSettings(
                host,
                newPort,
                keys,
                limits,
                origins,
                tls,
                maxBodyBytes,
                maxConnections,
                drainSeconds,
                keepAliveSeconds,
                idleSeconds,
                stallSeconds,
                sendBufferBytes,
                maxPendingTokens);
    }
}
