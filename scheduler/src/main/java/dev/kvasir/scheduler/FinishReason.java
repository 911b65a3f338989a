package dev.kvasir.scheduler;

/** Why a generation ended. */
public enum FinishReason {
    /** An end token was sampled. */
    STOP,
    /** {@code maxTokens} or the context is used up. */
    LENGTH,
    /** The client left, or a stop string was found. */
    CANCELLED,
    /** The step failed; says nothing about the request. */
    ERROR
}
