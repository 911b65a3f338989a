package dev.kvasir.pool;

import java.util.Optional;

/**
 * Segments on their way to another node. {@link #segments} is 0 until the receiver has confirmed that all are there, and {@link #left} is how many
 * there are if it came to nothing, for whatever reason. Its source is pinned until it is
 * done and its last bytes have left; {@link #release} before that gives it up on both nodes.
 */
public interface Transfer extends Move {
    /** Returns its name, under which the receiver can {@link MemPool#claim} what isn't indexed. */
    TransferId id();

    /** Returns why it came to nothing; empty while it is under way, and if it succeeded. */
    Optional<Refusal> refusal();

    /** Returns how many bytes of segments were handed to the transport so far; what the receiver has isn't sent. */
    long bytesSent();

    /** Returns a transfer that never began. */
    static Transfer refused(TransferId id, int segments, Refusal reason) {
        return new Transfer() {
            @Override
            public TransferId id() {
                return id;
            }

            @Override
            public Optional<Refusal> refusal() {
                return Optional.of(reason);
            }

            @Override
            public long bytesSent() {
                return 0;
            }

            @Override
            public boolean isDone() {
                return true;
            }

            @Override
            public int segments() {
                return 0;
            }

            @Override
            public int tokensFrom(Tier tier) {
                return 0;
            }

            @Override
            public int left() {
                return segments;
            }

            @Override
            public void release() {
                // Holds nothing.
            }
        };
    }
}
