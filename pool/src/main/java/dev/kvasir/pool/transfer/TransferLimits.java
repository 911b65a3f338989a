package dev.kvasir.pool.transfer;

/**
 * How much of a node transfers may take.
 *
 * @param segments most segments of one transfer that comes
 * @param transfers most transfers that leave, and most that come, at a time; what waits to be claimed counts
 * @param leaseNanos how long nothing may be heard of a transfer, or what has arrived may wait to be claimed, before it's ended
 */
public record TransferLimits(int segments, int transfers, long leaseNanos) {
    public TransferLimits {
        if (segments < 1 || transfers < 1 || leaseNanos < 1) {
            throw new IllegalArgumentException("transfers can't be limited to " + segments + " segments, " + transfers
                    + " at a time, " + leaseNanos + " ns");
        }
    }
}
