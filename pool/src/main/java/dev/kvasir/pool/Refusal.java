package dev.kvasir.pool;

/** Why a transfer came to nothing, or to less than it could have. */
public enum Refusal {
    /** The receiver's segments are laid out otherwise. */
    OTHER_LAYOUT,
    /** The receiver serves another model. */
    OTHER_MODEL,
    /** The receiver could not make room. */
    NO_ROOM,
    /** No such node can be reached. */
    UNKNOWN_NODE,
    /** More segments than the receiver takes in one transfer. */
    TOO_MANY_SEGMENTS,
    /** As many transfers are under way already as this node, or the receiver, has at a time. */
    BUSY,
    /** The segments' identities are not those of their tokens. */
    NOT_GENUINE,
    /** One side heard nothing from the other for a lease. */
    EXPIRED,
    /** One side gave up, since it wanted to or since a copy failed. */
    ABORTED
}
