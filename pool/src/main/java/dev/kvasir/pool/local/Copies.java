package dev.kvasir.pool.local;

import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.tree.PrefixTree;

/** What copies segments out of a device's slots, as its pool sees it: the fence between a copy and the slot's next use. */
public interface Copies {
    /** Copies nothing. */
    Copies NONE = new Copies() {
        @Override
        public void onEvict(PrefixTree.Held victim) {
            // It's gone.
        }

        @Override
        public boolean isCopying(SlotAddress address) {
            return false;
        }

        @Override
        public void await() {
            throw new IllegalStateException("nothing is being copied");
        }
    };

    /** Called when a segment has left the tree, before its slot is given back: the last chance to copy it. */
    void onEvict(PrefixTree.Held victim);

    /** Returns whether a slot is being read; {@link LocalMemPool#onCopied} tells when it is no more. */
    boolean isCopying(SlotAddress address);

    /** Waits until at least one copy is done, of those that are going on, and tells the pool so. */
    void await();
}
