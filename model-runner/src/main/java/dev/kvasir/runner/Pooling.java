package dev.kvasir.runner;

/** How a prompt's hidden states, those behind the final norm, become one vector. */
public enum Pooling {
    /** The last token's. What comes before it may be reused. */
    LAST,
    /** The mean of all tokens'. Each of them must be computed, since hidden states aren't kept. */
    MEAN
}
