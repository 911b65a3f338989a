package dev.kvasir.engine.cluster;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What others have said, on its way from the directory thread to the pool's. */
final class Inbox {
    /** One piece of it. */
    sealed interface Item {
        /** A peer has come, or is otherwise than it was. */
        record Reported(NodeStatus status) implements Item {}

        /** A peer has gone, and with it what it held. */
        record Left(int node, Set<SegmentId> held) implements Item {}

        /** A peer holds other segments than it did. */
        record Changed(int node, List<Change> changes) implements Item {}
    }

    /** A pool's thread that takes nothing is in a long step, or dead: then nothing is kept for it that could be read again. */
    private static final int MOST_CHANGES = 1 << 18;

    private final ConcurrentLinkedQueue<Item> items = new ConcurrentLinkedQueue<>();
    private final AtomicInteger changes = new AtomicInteger();

    boolean hasRoom() {
        return changes.get() < MOST_CHANGES;
    }

    void add(Item item) {
        changes.addAndGet(weight(item));
        items.add(item);
    }

    /** Returns the oldest, or null if there is none. */
    @Nullable
    Item take() {
        Item item = items.poll();
        if (item != null) {
            changes.addAndGet(-weight(item));
        }
        return item;
    }

    private static int weight(Item item) {
        return item instanceof Item.Changed changed ? changed.changes().size() : 1;
    }
}
