package dev.kvasir.pool;

/** A kind of memory that holds slots. */
public enum Tier {
    /** Where attention runs: torch memory, in RAM on a machine without a GPU. */
    DEVICE
}
