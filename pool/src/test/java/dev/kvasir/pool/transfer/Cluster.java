package dev.kvasir.pool.transfer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Nodes with small pools whose sequences are words: each letter is a segment of 16 tokens. Their clock stands still until it's moved. */
final class Cluster {
    static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    static final KvLayout OTHER_LAYOUT = new KvLayout(1, 1, 4, 16, KvDtype.FLOAT32);
    static final SegmentId MODEL = new SegmentId(1, 2, 3, 4);
    static final SegmentId OTHER_MODEL = new SegmentId(1, 2, 3, 5);
    static final SegmentId ANN = root("ann");
    static final SegmentId BOB = root("bob");
    static final long LEASE = 1_000;
    static final TransferLimits LIMITS = new TransferLimits(6, 4, LEASE);

    final SplittableRandom random;
    final InProcessNetwork network;
    final List<Node> nodes = new ArrayList<>();
    final List<Runnable> jobs = new ArrayList<>(); // copies that haven't run
    long now;

    Cluster(SplittableRandom random, InProcessNetwork.Faults faults, int mostQueued) {
        this.random = random;
        network = new InProcessNetwork(random, faults, mostQueued);
    }

    Cluster() {
        this(new SplittableRandom(1), InProcessNetwork.Faults.NONE, 100);
    }

    Node add(int slots) {
        return add(LAYOUT, slots, 0, MODEL);
    }

    Node add(KvLayout layout, int slots, int hostSlots, SegmentId model) {
        Node node = new Node(layout, nodes.size(), slots, hostSlots, model);
        nodes.add(node);
        return node;
    }

    /** Lets everything happen that happens without the clock. */
    void settle() {
        boolean any = true;
        while (any) {
            network.step();
            runJob();
            any = false;
            for (Node node : nodes) {
                any |= node.pool.poll();
            }
            any |= !jobs.isEmpty() || !network.isQuiet();
        }
    }

    void runJob() {
        if (!jobs.isEmpty()) {
            jobs.remove(random.nextInt(jobs.size())).run();
        }
    }

    private void runJobs() {
        while (!jobs.isEmpty()) {
            runJob();
        }
    }

    void passLease() {
        now += LEASE;
        settle();
    }

    /** Checks that nothing is held by a transfer or a reader, and that all of every node can be had. */
    void checkNothingIsHeld() {
        for (Node node : nodes) {
            PoolUsage usage = node.usage();
            node.pool.checkInvariants();
            assertThat(usage.moving()).as("moving at node %d", node.number).isZero();
            assertThat(usage.writing()).as("writing at node %d", node.number).isZero();
            assertThat(usage.pinned()).as("pinned at node %d", node.number).isZero();
            assertThat(usage.free() + usage.sealed()).isEqualTo(usage.slots());
            Optional<List<SlotAddress>> all = node.pool.alloc(usage.slots(), Tier.DEVICE);
            assertThat(all).isPresent();
            node.pool.free(all.orElseThrow());
        }
        assertThat(network.lent()).as("buffers").isZero();
    }

    static SegmentId root(String tenant) {
        return SegmentIdentity.root(new byte[32], LAYOUT.dtype(), "default", tenant.getBytes(UTF_8));
    }

    static int[] tokens(String word) {
        int[] tokens = new int[word.length() * 16];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = word.charAt(i / 16);
        }
        return tokens;
    }

    /** What a model would have computed: a function of all that stands before. */
    static void fill(ByteBuffer slot, SegmentId root, String word) {
        SplittableRandom values = new SplittableRandom((root + word).hashCode());
        while (slot.hasRemaining()) {
            slot.put((byte) values.nextInt());
        }
    }

    /** One node. */
    final class Node {
        final int number;
        final BufferSlotStorage storage;
        final TransferMemPool pool;

        Node(KvLayout layout, int number, int slots, int hostSlots, SegmentId model) {
            this.number = number;
            storage = BufferSlotStorage.heap(layout, slots);
            Mover mover = new Mover(jobs::add, () -> now, () -> {}, Cluster.this::runJobs);
            MemPool local = new LocalMemPool(layout, number, storage, new LruPolicy());
            if (hostSlots > 0) {
                MemoryStore store = new MemoryStore(BufferSlotStorage.heap(layout, hostSlots));
                local = new TieredMemPool(
                        layout,
                        number,
                        storage,
                        new LruPolicy(),
                        List.of(new TieredMemPool.Below(Tier.HOST, store, new LruPolicy())),
                        WritePolicy.BACK,
                        0,
                        mover);
            }
            LocalNode self = new LocalNode(number, 7, model);
            pool = new TransferMemPool(local, storage, self, network.join(number), LIMITS, mover, () -> now);
        }

        PoolUsage usage() {
            return pool.usage(Tier.DEVICE);
        }

        int matched(SegmentId root, String word) {
            return pool.matchedTokens(root, tokens(word + "?"), word.length() * 16 + 1) / 16;
        }

        PinnedPrefix match(SegmentId root, String word) {
            return pool.match(root, tokens(word + "?"), word.length() * 16 + 1);
        }

        /** Computes what is missing of a word, and keeps it pinned; empty if there's no room. */
        Optional<PinnedPrefix> compute(SegmentId root, String word) {
            PinnedPrefix prefix = match(root, word);
            int before = prefix.segments();
            Optional<List<SlotAddress>> slots = pool.alloc(word.length() - before, Tier.DEVICE);
            if (slots.isEmpty()) {
                pool.release(prefix);
                return Optional.empty();
            }
            for (int i = before; i < word.length(); i++) {
                fill(storage.slot(slots.get().get(i - before).slot()), root, word.substring(0, i + 1));
            }
            return Optional.of(pool.insert(prefix, tokens(word), slots.get()));
        }

        void store(SegmentId root, String word) {
            pool.release(compute(root, word).orElseThrow());
        }

        /** Sends what the device has of a word and indexes it there. */
        Transfer send(SegmentId root, String word, Node to) {
            return pool.transferWithInsert(match(root, word), tokens(word), to.number);
        }

        /** Checks the bytes of what is found of a word. Returns how many segments that is. */
        int check(SegmentId root, String word) {
            PinnedPrefix prefix = match(root, word);
            List<SlotAddress> addresses = new ArrayList<>();
            for (int i = 0; i < prefix.segments(); i++) {
                addresses.add(prefix.address(i));
            }
            check(root, word, 0, addresses);
            pool.release(prefix);
            return addresses.size();
        }

        /** Checks that slots hold the letters of a word from one on. */
        void check(SegmentId root, String word, int from, List<SlotAddress> addresses) {
            ByteBuffer expected = ByteBuffer.allocate(LAYOUT.segmentBytes());
            for (int i = 0; i < addresses.size(); i++) {
                fill(expected.clear(), root, word.substring(0, from + i + 1));
                assertThat(addresses.get(i).node()).isEqualTo(number);
                assertThat(storage.slot(addresses.get(i).slot()).mismatch(expected.clear()))
                        .as("segment %d of %s at node %d", from + i, word, number)
                        .isEqualTo(-1);
            }
        }
    }
}
