package dev.kvasir.pool.tiered;

/** When a segment is written to the tiers below the one it is in. */
public enum WritePolicy {
    /** As soon as it's sealed: nothing is lost with the process, and an eviction waits for nothing. */
    THROUGH,
    /** When it is evicted from the tier above: writes least. */
    BACK,
    /** When it is evicted, if it was found often enough by later requests: keeps what is used once out. */
    SELECTIVE
}
