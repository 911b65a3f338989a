package dev.kvasir.pool;

/**
 * The name of one transfer between nodes, never used twice.
 *
 * @param sender the node that sends segments
 * @param life tells a node's lives apart: what it said before it was restarted isn't meant for now
 * @param number counts the transfers of that life, from 1
 */
public record TransferId(int sender, long life, long number) {
    /** In place of the name of a transfer that never began. */
    public static final TransferId NONE = new TransferId(0, 0, 0);

    public TransferId {
        if (sender < 0) {
            throw new IllegalArgumentException("there is no node " + sender);
        }
    }
}
