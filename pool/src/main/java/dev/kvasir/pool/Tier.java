package dev.kvasir.pool;

/** A kind of memory that holds slots, from the fastest to the slowest. */
public enum Tier {
    /** Where attention runs: torch memory, in RAM on a machine without a GPU. */
    DEVICE,
    /** Ordinary memory outside the Java heap. */
    HOST,
    /** A file: survives a restart. */
    DISK,
    /** Another node's device, read from afar. No pool has slots in it. */
    REMOTE
}
