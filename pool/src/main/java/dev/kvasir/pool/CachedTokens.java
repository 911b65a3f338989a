package dev.kvasir.pool;

/**
 * Prompt tokens that were reused and not computed, by the tier that had them when they were asked for.
 *
 * @param device of the device tier
 * @param host of the host tier
 * @param disk of the disk tier
 * @param remote of other nodes' devices, read there
 */
public record CachedTokens(int device, int host, int disk, int remote) {
    /** Nothing was reused. */
    public static final CachedTokens NONE = new CachedTokens(0, 0, 0, 0);

    public CachedTokens {
        if (device < 0 || host < 0 || disk < 0 || remote < 0) {
            throw new IllegalArgumentException("tokens cannot be fewer than none: " + device + " of the device, " + host
                    + " of the host, " + disk + " of the disk, " + remote + " of other nodes");
        }
    }

    /** Returns {@code tokens} that the device had. */
    public static CachedTokens ofDevice(int tokens) {
        return new CachedTokens(tokens, 0, 0, 0);
    }

    /** Returns how many came from {@code tier}. */
    public int of(Tier tier) {
        return switch (tier) {
            case DEVICE -> device;
            case HOST -> host;
            case DISK -> disk;
            case REMOTE -> remote;
        };
    }

    /** Returns how many were reused. */
    public int total() {
        return Math.addExact(Math.addExact(device, host), Math.addExact(disk, remote));
    }

    /** Returns the sum of both, tier by tier. */
    public CachedTokens plus(CachedTokens other) {
        return new CachedTokens(
                Math.addExact(device, other.device),
                Math.addExact(host, other.host),
                Math.addExact(disk, other.disk),
                Math.addExact(remote, other.remote));
    }
}
