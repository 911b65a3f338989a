package dev.kvasir.pool.local;

import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierSurvey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The state of every slot of one tier: free, writing, sealed or draining. Every change is O(1), but for the zeroing of {@link #take}. */
final class SlotTable {
    private static final byte FREE = 0;
    private static final byte WRITING = 1;
    private static final byte SEALED = 2;
    private static final byte DRAINING = 3;
    private static final String[] NAMES = {"free", "writing", "sealed", "draining"};

    private final int node;
    private final Tier tier;
    private final SlotStorage storage;
    private final SlotAddress[] addresses; // one object per slot for good: handing out slots makes no garbage
    private final byte[] states;
    private final int[] stack; // [0, free) free slots, the next one to hand out last
    private int free;
    private int writing;
    private int sealed;
    private int draining;

    SlotTable(int node, Tier tier, SlotStorage storage) {
        this.node = node;
        this.tier = tier;
        this.storage = storage;
        int slots = storage.slots();
        this.addresses = new SlotAddress[slots];
        this.states = new byte[slots];
        this.stack = new int[slots];
        this.free = slots;
        for (int slot = 0; slot < slots; slot++) {
            addresses[slot] = new SlotAddress(node, tier, slot);
            stack[slots - 1 - slot] = slot; // slot 0 goes first
        }
    }

    int slots() {
        return states.length;
    }

    int free() {
        return free;
    }

    int writing() {
        return writing;
    }

    int sealed() {
        return sealed;
    }

    /** Hands out {@code count} zeroed slots: free → writing. */
    List<SlotAddress> take(int count) {
        if (count > free) {
            throw new IllegalStateException(count + " slots wanted, " + free + " of " + slots() + " are free");
        }
        List<SlotAddress> taken = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int slot = stack[free - 1];
            storage.clear(slot); // first, so that a failure leaves the slot free
            free--;
            writing++;
            states[slot] = WRITING;
            taken.add(addresses[slot]);
        }
        return taken;
    }

    /** Gives a slot back that was never sealed: writing → free. */
    void giveBack(SlotAddress address) {
        checkWriting(address);
        writing--;
        push(address);
    }

    /** Marks a slot as holding a segment of the tree: writing → sealed. */
    void seal(SlotAddress address) {
        checkWriting(address);
        writing--;
        sealed++;
        states[address.slot()] = SEALED;
    }

    /** Gives a slot back whose segment has left the tree: sealed → free. */
    void unseal(SlotAddress address) {
        check(address, SEALED);
        sealed--;
        push(address);
    }

    /** Keeps a slot whose segment has left the tree until its copies are done: sealed → draining. */
    void drain(SlotAddress address) {
        check(address, SEALED);
        sealed--;
        draining++;
        states[address.slot()] = DRAINING;
    }

    /** Gives a slot back whose copies are done: draining → free. */
    void drained(SlotAddress address) {
        check(address, DRAINING);
        draining--;
        push(address);
    }

    /** Notes which slots are being written or drained. */
    void survey(TierSurvey into) {
        for (int slot = 0; slot < states.length; slot++) {
            if (states[slot] == WRITING || states[slot] == DRAINING) {
                into.states()[slot] = TierSurvey.WRITING;
            }
        }
    }

    boolean isDraining(SlotAddress address) {
        return isHere(address) && states[address.slot()] == DRAINING;
    }

    int draining() {
        return draining;
    }

    /** Throws IllegalStateException unless the slot is in state writing. */
    void checkWriting(SlotAddress address) {
        check(address, WRITING);
    }

    boolean isSealed(SlotAddress address) {
        return isHere(address) && states[address.slot()] == SEALED;
    }

    /** Recounts the states and looks at the free stack. */
    void checkInvariants() {
        int[] counts = new int[NAMES.length];
        for (byte state : states) {
            counts[state]++;
        }
        if (!Arrays.equals(counts, new int[] {free, writing, sealed, draining})) {
            throw new IllegalStateException("slots counted as " + free + " free, " + writing + " writing, " + sealed
                    + " sealed, " + draining + " draining are " + Arrays.toString(counts));
        }
        boolean[] stacked = new boolean[slots()];
        for (int i = 0; i < free; i++) {
            int slot = stack[i];
            if (states[slot] != FREE || stacked[slot]) {
                throw new IllegalStateException("slot " + slot + " is " + NAMES[states[slot]]
                        + (stacked[slot] ? " and twice" : " but") + " among the free ones");
            }
            stacked[slot] = true;
        }
    }

    private void push(SlotAddress address) {
        states[address.slot()] = FREE;
        stack[free++] = address.slot();
    }

    private void check(SlotAddress address, byte expected) {
        if (!isHere(address)) {
            throw new IllegalStateException(
                    address + " does not exist: node " + node + " has " + slots() + " slots of tier " + tier);
        }
        byte state = states[address.slot()];
        if (state != expected) {
            throw new IllegalStateException("slot " + address.slot() + " is " + (state == FREE ? "already " : "")
                    + NAMES[state] + ", not " + NAMES[expected]);
        }
    }

    private boolean isHere(SlotAddress address) {
        return address.node() == node && address.tier() == tier && address.slot() < slots();
    }
}
