package dev.kvasir.pool.placement;

/**
 * How fast a link to another node is, as measured.
 *
 * @param bytesPerSecond of payload, one way
 * @param roundTripNanos from a small frame to its answer
 */
public record Link(double bytesPerSecond, double roundTripNanos) {
    public Link {
        if (!(bytesPerSecond > 0) || !(roundTripNanos >= 0)) {
            throw new IllegalArgumentException(
                    "no link has " + bytesPerSecond + " bytes/s and " + roundTripNanos + " ns");
        }
    }
}
