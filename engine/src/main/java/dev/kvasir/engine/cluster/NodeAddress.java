package dev.kvasir.engine.cluster;

/** Where a node's data plane listens. */
public record NodeAddress(String host, int port) {
    static final int LONGEST_HOST = 255;

    public NodeAddress {
        if (host.isEmpty() || host.length() > LONGEST_HOST || !host.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("no host has a name of " + host.length() + " such characters");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("there is no port " + port);
        }
    }
}
