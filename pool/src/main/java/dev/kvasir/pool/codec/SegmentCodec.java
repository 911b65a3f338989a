package dev.kvasir.pool.codec;

import java.nio.ByteBuffer;

/** Turns segments into a form that takes less room, and back. Thread-safe. */
public interface SegmentCodec {
    /** Returns the bytes of a segment as the device has it. */
    int segmentBytes();

    /** Returns the bytes of its coded form. */
    int codedBytes();

    /**
     * Returns a name of the coded form that changes whenever the form does, or what comes back. It is part of the identity of whatever may have passed
     * through.
     */
    String form();

    /**
     * Codes a segment.
     *
     * @param from {@link #segmentBytes()} remaining, in native byte order, which are consumed
     * @param to {@link #codedBytes()} remaining, which are filled
     * @throws IllegalArgumentException if it's another number of bytes; nothing is consumed then
     */
    void encode(ByteBuffer from, ByteBuffer to);

    /**
     * Restores a segment. Coding what comes back gives the same bytes again, so that a segment that goes down and up many times loses no more than
     * it did the first time.
     *
     * @param from {@link #codedBytes()} remaining, which are consumed
     * @param to {@link #segmentBytes()} remaining, which are filled, in native byte order
     * @throws IllegalArgumentException if it's another number of bytes; nothing is consumed then
     */
    void decode(ByteBuffer from, ByteBuffer to);
}
