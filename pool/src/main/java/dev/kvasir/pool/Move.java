package dev.kvasir.pool;

/**
 * Segments on their way from one tier to another. Progress happens between calls of {@link MemPool#poll}, on the pool's thread; a handle belongs to
 * that thread too.
 */
public interface Move {
    /** A move of nothing. */
    Move NONE = new Move() {
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
            return 0;
        }

        @Override
        public void release() {
            // Holds nothing.
        }
    };

    /** Returns whether nothing more will happen: all has arrived, or what hasn't is lost. */
    boolean isDone();

    /** Returns how many segments have arrived so far. A segment can be read, and is found by a match, once it's counted here. */
    int segments();

    /** Returns how many tokens the arrived segments hold that came from {@code tier}. */
    int tokensFrom(Tier tier);

    /** Returns how many more segments could have been moved if there had been room for them. */
    int left();

    /** Returns how many segments are on their way, each to a slot that nobody else can have until then. */
    default int underWay() {
        return 0;
    }

    /**
     * Ends it: what has arrived stays, unpinned; what is under way is dropped when it arrives. May be called again.
     */
    void release();
}
