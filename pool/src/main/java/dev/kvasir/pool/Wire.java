package dev.kvasir.pool;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Brings frames to other nodes and theirs here: the data plane, or a queue in a test. A frame arrives whole and unaltered, from the node that it says it
 * is from, or not at all; between two nodes the frames of a channel keep their order. Frames are lost when a link breaks.
 *
 * <p>Thread-safe. Nothing here waits.
 */
public interface Wire {
    /** Who a frame is for. What fills one channel doesn't hold up another for long. */
    enum Channel {
        /** Segments on their way to another pool: {@link TransferMessage}. */
        TRANSFER,
        /** Segments that are lent and given back. */
        LOAN,
        /** Prompts that several nodes compute together. */
        GROUP,
        /** Queries to lent segments, and partial attention that comes back. */
        QUERY
    }

    /** Takes frames. */
    interface Receiver {
        /**
         * Called on a thread of the wire's, which must not be kept: what takes time is handed on.
         *
         * @param frame valid during the call only; little-endian, position 0
         */
        void onFrame(int from, ByteBuffer frame);
    }

    /** Returns this node's number. */
    int self();

    /** Returns whether there is such a node, as far as is known. */
    boolean isKnown(int node);

    /**
     * Begins to send a frame.
     *
     * @param parts make up the frame, one after the other, from position to limit; lent until {@code sent} runs
     * @param sent runs exactly once if the frame was accepted, whatever became of it, on any thread
     * @return false if too much waits for that node already or it isn't known; then {@code sent} never runs
     * @throws IllegalArgumentException if the parts are longer than {@link #maxFrameBytes()} together
     */
    boolean send(int node, Channel channel, List<ByteBuffer> parts, Runnable sent);

    /** Returns the longest frame, in bytes. */
    int maxFrameBytes();

    /** Says who takes the frames of a channel from now on; once for each, before the first frame. */
    void listen(Channel channel, Receiver receiver);

    /** Has it told, on any thread, when the link to a node broke: what was sent may be lost. Several may listen. */
    void onLost(IntConsumer node);
}
