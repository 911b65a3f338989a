package dev.kvasir.pool;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What two nodes say to each other to move segments from one pool to the other.
 *
 * <pre>
 *   sender                              receiver
 *     |------- Offer: which ------------->|   allocates slots for what it lacks
 *     |<------ Answer: where to ----------|   or Refuse
 *     |------- Data, one per segment ---->|   copies them in
 *     |------- Commit ------------------->|   indexes them, if they came with tokens
 *     |<------ Done ----------------------|
 * </pre>
 *
 * <p>Abort and Refuse end it at any time. A message may be lost, late, doubled or overtaken by the next one: whoever hears nothing for a lease gives
 * up and frees what it holds.
 */
public sealed interface TransferMessage {
    /** Returns the transfer that it is about. */
    TransferId id();

    /**
     * Asks whether segments can be sent.
     *
     * @param format what the sender's bytes mean
     * @param root where the identity chain starts: model and tenant
     * @param from index in the sequence of the first segment
     * @param segments identities, at least one
     * @param tokens all tokens of the segments if they are to be indexed, else none; handed over
     */
    record Offer(TransferId id, SegmentFormat format, SegmentId root, int from, List<SegmentId> segments, int[] tokens)
            implements TransferMessage {
        public Offer {
            segments = List.copyOf(segments);
            if (from < 0 || segments.isEmpty()) {
                throw new IllegalArgumentException("cannot offer " + segments.size() + " segments from " + from);
            }
            long expected = (long) segments.size() * format.layout().segmentTokens();
            if (tokens.length > 0 && (from != 0 || tokens.length != expected)) {
                throw new IllegalArgumentException(
                        tokens.length + " tokens can't be indexed with " + segments.size() + " segments from " + from);
            }
        }

        /** Returns whether the receiver is to index the segments. */
        public boolean isInsert() {
            return tokens.length > 0;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Offer offer
                    && id.equals(offer.id)
                    && format.equals(offer.format)
                    && root.equals(offer.root)
                    && from == offer.from
                    && segments.equals(offer.segments)
                    && Arrays.equals(tokens, offer.tokens);
        }

        @Override
        public int hashCode() {
            return id.hashCode();
        }

        @Override
        public String toString() {
            return "Offer[" + id + ", " + segments.size() + " segments from " + from + ", " + tokens.length
                    + " tokens]";
        }
    }

    /**
     * Says where to.
     *
     * @param known how many of the offered segments, from the first, the receiver has
     * @param addresses where it wants each of the others
     */
    record Answer(TransferId id, int known, List<SlotAddress> addresses) implements TransferMessage {
        public Answer {
            addresses = List.copyOf(addresses);
            if (known < 0) {
                throw new IllegalArgumentException("cannot know " + known + " segments");
            }
        }
    }

    /** Says no: to an offer, or to go on. */
    record Refuse(TransferId id, Refusal reason) implements TransferMessage {}

    /**
     * Brings a segment.
     *
     * @param index which of the offered ones
     * @param to where the receiver wants it
     * @param segment its identity
     * @param bytes all of it; lent, see {@link Transport}
     */
    record Data(TransferId id, int index, SlotAddress to, SegmentId segment, ByteBuffer bytes)
            implements TransferMessage {
        public Data {
            if (index < 0) {
                throw new IllegalArgumentException("there is no segment " + index);
            }
        }
    }

    /**
     * Says that all was sent.
     *
     * @param sent how many segments that were
     */
    record Commit(TransferId id, int sent) implements TransferMessage {}

    /** Says that all is there and, where it came with tokens, can be found. */
    record Done(TransferId id) implements TransferMessage {}

    /** Says that the sender has given it up. */
    record Abort(TransferId id) implements TransferMessage {}
}
