package dev.kvasir.runner.guided;

import org.jspecify.annotations.Nullable;

/**
 * What follows when a part is read: a sequence from a place in it on, or a repetition with the count so far, and behind it the next frame. Null is the end
 * of the text. Immutable.
 */
final class Frame {
    final Node node;
    final int at;
    final @Nullable Frame next;
    private final int hash;

    Frame(Node node, int at, @Nullable Frame next) {
        this.node = node;
        this.at = at;
        this.next = next;
        this.hash = (System.identityHashCode(node) * 31 + at) * 31 + (next == null ? 7 : next.hash);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        @Nullable Frame a = this;
        @Nullable Frame b = other instanceof Frame frame ? frame : null;
        // Frames are shared mostly, so this seldom goes far.
        while (a != b) {
            if (a == null || b == null || a.hash != b.hash || a.node != b.node || a.at != b.at) {
                return false;
            }
            a = a.next;
            b = b.next;
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
