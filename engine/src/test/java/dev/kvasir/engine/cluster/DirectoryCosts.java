package dev.kvasir.engine.cluster;

import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.pool.SegmentId;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * What metadata costs in processor time of one thread, which other load on the machine changes little: prints figures of
 * docs/decisions/0019-directory.md, each a segment's share of a batch. Run as {@link DirectoryRates} is.
 */
final class DirectoryCosts {
    private static final int BATCH = 4096;
    private static final int ROUNDS = 60;

    private static long sink; // so that nothing is optimised away

    private DirectoryCosts() {}

    public static void main(String[] args) throws Exception {
        Seals seals = Seals.of(ClusterSecret.of(new byte[32]));
        Incarnation self = new Incarnation(1, new UUID(1, 2));
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            changes.add(Change.held(id(i), false));
        }
        byte[] delta = new Delta(self, 1, changes).encode(seals.delta());
        List<byte[]> keys =
                changes.stream().map(c -> SegmentEntry.key(1, c.id())).toList();
        List<byte[]> values = keys.stream()
                .map(key -> SegmentEntry.value(key, false, 1, seals.segment()))
                .toList();
        System.out.printf("a delta of %d changes has %d bytes%n", BATCH, delta.length);
        print("sign an entry of the map", round -> {
            for (byte[] key : keys) {
                sink += SegmentEntry.value(key, false, round, seals.segment())[20];
            }
            return null;
        });
        print("verify an entry of the map", round -> {
            for (int i = 0; i < BATCH; i++) {
                try {
                    sink += SegmentEntry.decode(keys.get(i), values.get(i), seals.segment())
                            .id()
                            .w0();
                } catch (RefusedException e) {
                    throw new AssertionError(e);
                }
            }
            return null;
        });
        print("encode and seal a delta", round -> new Delta(self, 1, changes).encode(seals.delta()));
        print("verify and decode a delta", round -> {
            try {
                return Delta.decode(delta, seals.delta());
            } catch (RefusedException e) {
                throw new AssertionError(e);
            }
        });
        HeldSet set = new HeldSet();
        print("apply a change to a peer's set", round -> {
            changes.forEach(change -> {
                set.put(change.id(), (round & 1) == 0);
            });
            return set.checksum();
        });
        Outbox outbox = new Outbox();
        Inbox inbox = new Inbox();
        ClusterDirectory directory = new ClusterDirectory(1, outbox, inbox, status -> {});
        print("announce a segment, on the pool's thread", round -> {
            changes.forEach(change -> directory.announce(change.id(), (round & 1) == 0));
            return directory.poll(DirectoryRates.QUIET);
        });
        print("take in a change of another's, on the pool's thread", round -> {
            inbox.add(new Inbox.Item.Changed(2 + round % 3, changes));
            return directory.poll(DirectoryRates.QUIET);
        });
        print("look a segment up that three others hold", round -> {
            for (Change change : changes) {
                sink += directory.holders(change.id()).size();
            }
            return null;
        });
        if (sink == 42) {
            System.out.println();
        }
    }

    private static SegmentId id(int number) {
        return new SegmentId(number * 0x9E3779B97F4A7C15L, Long.reverse(number), ~number, 1);
    }

    /** Prints the median over the second half of the rounds, when all is compiled. */
    private static void print(String what, IntFunction<?> batch) {
        long[] nanos = new long[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            Object result = batch.apply(round);
            nanos[round] = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start;
            sink += result == null ? 0 : 1;
        }
        long[] warm = Arrays.copyOfRange(nanos, ROUNDS / 2, ROUNDS);
        Arrays.sort(warm);
        System.out.printf("%s: %d ns%n", what, warm[warm.length / 2] / BATCH);
    }
}
