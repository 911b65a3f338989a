package dev.kvasir.engine.chaos;

import dev.kvasir.engine.ServerProcess;
import dev.kvasir.engine.ServerProcess.Views;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks whether nodes to which nothing happens any more are as they should be. */
final class Health {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private Health() {}

    /**
     * Waits until nothing is wrong.
     *
     * @return how long that took, seconds
     * @throws AssertionError if something stays wrong: what that is
     */
    static double await(Cluster cluster, int seconds) throws IOException {
        long begun = System.nanoTime();
        List<String> wrong = wrong(cluster);
        while (!wrong.isEmpty()) {
            if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(seconds)) {
                throw new AssertionError("after " + seconds + " s of rest: " + String.join("; ", wrong));
            }
            LockSupport.parkNanos(LOOK_NANOS);
            wrong = wrong(cluster);
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private static List<String> wrong(Cluster cluster) throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Cluster.Node> nodes = cluster.nodes();
        Map<Integer, Views> views = new HashMap<>(); // by node's number
        for (Cluster.Node node : nodes) {
            ServerProcess process = node.process();
            expect(wrong, node + " peers", process.metric("kvasir_cluster_peers"), nodes.size() - 1);
            expect(wrong, node + " live requests", process.metric("kvasir_routing_live"), 0);
            Views seen = process.views();
            views.put(seen.self(), seen);
            if (node.hasPool()) {
                int told = seen.held().getOrDefault(seen.self(), Map.of()).size();
                expect(wrong, node + " slots in use", process.slotsInUse(), 0);
                expect(wrong, node + " slots lent", process.metric("kvasir_pool_lent_slots"), 0);
                expect(wrong, node + " segments told of", told, process.segments());
            }
        }
        views.forEach((viewer, seen) -> views.forEach((node, own) -> {
            Map<String, Boolean> truth = own.held().getOrDefault(node, Map.of());
            Map<String, Boolean> believed = seen.held().getOrDefault(node, Map.of());
            if (!truth.equals(believed)) {
                wrong.add("node number " + viewer + " knows " + believed.size() + " segments of number " + node
                        + ", which holds " + truth.size() + (truth.size() == believed.size() ? " others" : ""));
            }
        }));
        Map<String, Integer> homes = new HashMap<>();
        Map<String, Integer> copies = new HashMap<>();
        views.forEach(
                (number, seen) -> seen.held().getOrDefault(number, Map.of()).forEach((id, replica) -> {
                    copies.merge(id, 1, Integer::sum);
                    homes.merge(id, replica ? 0 : 1, Integer::sum);
                }));
        expect(
                wrong,
                "segments with other than one home",
                homes.values().stream().filter(count -> count != 1).count(),
                0);
        expect(
                wrong,
                "segments with copies, though nobody reads",
                copies.values().stream().filter(count -> count > 1).count(),
                0);
        return wrong;
    }

    private static void expect(List<String> wrong, String what, double is, double expected) {
        if (is != expected) {
            wrong.add(what + " " + (long) is + " instead of " + (long) expected);
        }
    }
}
