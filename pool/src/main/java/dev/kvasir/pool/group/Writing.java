package dev.kvasir.pool.group;

import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.loan.LayerGate;
import dev.kvasir.pool.loan.Lender;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The slots of a share that a step writes, and those who read them meanwhile. Given up, they are freed when nobody reads them any more. */
final class Writing {
    final List<SlotAddress> slots;
    final int[] numbers; // of the slots
    final LayerGate gate = new LayerGate();
    final Map<Integer, Long> loans = new LinkedHashMap<>(); // by borrower
    private final Consumer<List<SlotAddress>> free;
    private int open; // loans that haven't been let go of
    private boolean givenUp;

    Writing(List<SlotAddress> slots, Consumer<List<SlotAddress>> free) {
        this.slots = slots;
        this.free = free;
        numbers = slots.stream().mapToInt(SlotAddress::slot).toArray();
    }

    /** Lends them to a node. Returns whether there was room for that. */
    boolean lend(int node, Lender lender) {
        long loan = lender.open(node, numbers, gate, this::onLetGo);
        if (loan == 0) {
            return false;
        }
        open++;
        loans.put(node, loan);
        return true;
    }

    private void onLetGo() {
        open--;
        if (givenUp && open == 0) {
            free.accept(slots);
        }
    }

    /** Nothing more is written, and nothing of it counts. */
    void giveUp(Lender lender) {
        gate.close();
        if (open == 0) {
            free.accept(slots);
        } else {
            givenUp = true;
            loans.values().forEach(lender::cancel); // the last one frees
        }
    }
}
