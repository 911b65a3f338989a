package dev.kvasir.runner.remote;

import dev.kvasir.runner.DType;
import java.nio.ByteBuffer;
import java.util.List;

/** What nodes say to each other to have attention computed. */
sealed interface QueryMessage {
    /** Returns the number that the asking node gave it. */
    long number();

    /**
     * Asks for partial attention of one layer.
     *
     * @param layer which
     * @param dtype of the queries, and of the output that is wanted
     * @param heads query heads
     * @param headDim width of a head
     * @param spans whose first queries count from the first one of this message; together all of them
     * @param queries (queries, heads, headDim), little-endian, rotated; a view
     */
    record Query(
            long number, int layer, DType dtype, int heads, int headDim, List<RemoteSpan> spans, ByteBuffer queries)
            implements QueryMessage {
        /** Returns how many queries there are. */
        int rows() {
            return spans.stream().mapToInt(RemoteSpan::queries).sum();
        }
    }

    /**
     * Answers.
     *
     * @param output (queries, heads, headDim), dtype of the query, little-endian; a view
     * @param logsumexp (queries, heads), float32, little-endian; a view
     */
    record Result(long number, ByteBuffer output, ByteBuffer logsumexp) implements QueryMessage {}

    /** Says no. */
    record Refused(long number, Reason reason) implements QueryMessage {}

    /** Why there is no result. */
    enum Reason {
        /** A loan has ended, or has no such slot. */
        NO_LOAN,
        /** It doesn't fit this node's model. */
        OTHER_SHAPE,
        /** Too much waits already. */
        BUSY,
        /** It was tried and failed. */
        FAILED
    }
}
