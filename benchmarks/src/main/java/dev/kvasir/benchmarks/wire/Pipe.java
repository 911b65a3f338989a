package dev.kvasir.benchmarks.wire;

import java.nio.ByteBuffer;

/** A way from one end to the other and back, to be measured. */
interface Pipe extends AutoCloseable {
    /** Hears what arrives, on the pipe's threads. */
    interface Events {
        /** A segment is at the other end. */
        void onSegment();

        /** A query was at the other end and is back. */
        void onAnswer();
    }

    /**
     * Begins to send a segment.
     *
     * @param sent runs when the bytes can be used again
     * @return false if too much waits already
     */
    boolean sendSegment(ByteBuffer segment, Runnable sent);

    /** Begins to send a query, which the other end sends back as it is. */
    void sendQuery(ByteBuffer query);

    @Override
    void close();
}
