package dev.kvasir.engine.wire;

/** Why a connection never became a link. */
public enum Refused {
    /** What came is no handshake. */
    MALFORMED,
    /** Another version of this protocol. */
    VERSION,
    /** It was meant for another node, or the wrong one of two opens it. */
    WRONG_NUMBER,
    /** Nobody told this node of that one, yet or any more. */
    UNKNOWN_NODE,
    /** It doesn't know the cluster's secret. */
    WRONG_SECRET,
    /** It knows the secret and serves something else. */
    WRONG_IDENTITY,
    /** It took too long. */
    LATE,
    /** Too many others were at it. */
    TOO_MANY,
    /** No TLS, or none that both accept. */
    TLS,
    /** It went before it was through. */
    BROKEN_OFF
}
