package dev.kvasir.pool.loan;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * How far the keys and values of slots have come that a running step writes, layer by layer; who needs a layer that isn't there yet leaves word. One thread opens it,
 * any may wait. Nobody is ever held up: waiting is leaving something to run.
 */
public final class LayerGate {
    private record Waiter(int layer, Runnable ready, Runnable never, long sinceNanos) {}

    private final List<Waiter> waiters = new ArrayList<>(); // guarded by this, as is all below
    private int written; // layers
    private boolean closed;

    /**
     * Leaves word for a layer.
     *
     * @param ready runs when it's written
     * @param never runs if it won't be, or not in time
     * @param nowNanos from when on patience counts
     * @return false if the layer is there; then neither runs. Else exactly one of them does, now or later, on any thread, and is to hand on what takes time
     */
    boolean await(int layer, Runnable ready, Runnable never, long nowNanos) {
        synchronized (this) {
            if (layer < written) {
                return false;
            }
            if (!closed) {
                waiters.add(new Waiter(layer, ready, never, nowNanos));
                return true;
            }
        }
        never.run();
        return true;
    }

    /** Says that the first {@code layers} layers are written. What was written before this call is seen by those who are let through. */
    public void open(int layers) {
        List<Runnable> ready = new ArrayList<>();
        synchronized (this) {
            written = Math.max(written, layers);
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                if (waiter.layer < written) {
                    each.remove();
                    ready.add(waiter.ready);
                }
            }
        }
        ready.forEach(Runnable::run);
    }

    /** Says that no more layers will be written. */
    public void close() {
        List<Waiter> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(waiters);
            waiters.clear();
        }
        left.forEach(waiter -> waiter.never.run());
    }

    /** Sends those away who have waited for {@code patienceNanos}. */
    void expire(long nowNanos, long patienceNanos) {
        List<Waiter> late = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
                Waiter waiter = each.next();
                if (nowNanos - waiter.sinceNanos >= patienceNanos) {
                    each.remove();
                    late.add(waiter);
                }
            }
        }
        late.forEach(waiter -> waiter.never.run());
    }

    /** Returns how many wait. */
    synchronized int waiting() {
        return waiters.size();
    }
}
