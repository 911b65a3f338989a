package dev.kvasir.pool.plans;

/**
 * What a node can do at best, as profiled.
 *
 * @param bytesPerSecond that it reads from its memory
 * @param flopsPerSecond that it computes
 */
public record NodePower(double bytesPerSecond, double flopsPerSecond) {
    public NodePower {
        if (!(bytesPerSecond > 0) || !(flopsPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "no node reads " + bytesPerSecond + " bytes/s and computes " + flopsPerSecond + " flop/s");
        }
    }
}
