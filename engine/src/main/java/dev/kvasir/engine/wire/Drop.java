package dev.kvasir.engine.wire;

/** Why something that came over a link was dropped. All but {@link #NO_RECEIVER} end the link: nothing after it could be trusted to be in its place. */
public enum Drop {
    /** What came is no record of this protocol's version. */
    BAD_HEADER,
    /** It says that it is longer than records or frames may be. */
    OVERSIZED,
    /** It was altered on its way, or made by somebody without the key. */
    BAD_TAG,
    /** It has come before. */
    REPLAYED,
    /** Others should have come first. */
    OUT_OF_ORDER,
    /** It doesn't go on where its frame left off. */
    BROKEN_FRAME,
    /** More came than the other side was allowed to send. */
    OVER_CREDIT,
    /** The links' own messages make no sense. */
    BAD_CONTROL,
    /** Nobody listens on its channel. */
    NO_RECEIVER
}
