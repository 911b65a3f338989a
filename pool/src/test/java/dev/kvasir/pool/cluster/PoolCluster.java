package dev.kvasir.pool.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.WireHub;
import dev.kvasir.pool.directory.DirectoryHub;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.pool.placement.PlacementConfig;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Nodes with small pools whose sequences are words: each letter is a segment of 16 tokens. Frames arrive and copies run when a test says so; the clock
 * stands still until it's moved.
 */
final class PoolCluster {
    static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    static final SegmentId ROOT = SegmentIdentity.root(new byte[32], LAYOUT.dtype(), "default", "ann".getBytes(UTF_8));
    static final long LEASE = 10_000_000_000L;
    static final long PATIENCE = 2_000_000_000L;
    static final long EPOCH = PlacementConfig.DEFAULT.epochNanos();

    final SplittableRandom random;
    final Deque<Runnable> frames = new ArrayDeque<>();
    final List<Runnable> jobs = new ArrayList<>(); // copies that haven't run
    final WireHub wires = new WireHub(frames::add);
    final DirectoryHub directories = new DirectoryHub();
    final List<PoolNode> nodes = new ArrayList<>(); // alive
    final Map<Integer, PoolNode> byNumber = new HashMap<>(); // the dead, too
    final LoanLimits limits;
    boolean fetches; // half of what others hold is fetched, all else borrowed
    long now;

    PoolCluster(SplittableRandom random, LoanLimits limits) {
        this.random = random;
        this.limits = limits;
    }

    PoolNode add(int slots) {
        PoolNode node = new PoolNode(this, slots);
        nodes.add(node);
        byNumber.put(node.number, node);
        return node;
    }

    /** Ends a node as a crash does, and has all others know. */
    void bury(PoolNode node) {
        nodes.remove(node);
        wires.leave(node.number);
        directories.leave(node.directory);
    }

    void deliverFrame() {
        Runnable frame = frames.poll();
        if (frame != null) {
            frame.run();
        }
    }

    void runJob() {
        if (!jobs.isEmpty()) {
            jobs.remove(random.nextInt(jobs.size())).run();
        }
    }

    /** Lets everything happen that happens without the clock. */
    void settle() {
        boolean any = true;
        while (any) {
            while (!frames.isEmpty()) {
                deliverFrame();
            }
            while (!jobs.isEmpty()) {
                runJob();
            }
            any = false;
            for (PoolNode node : nodes) {
                any |= node.pool.poll();
            }
            any |= !jobs.isEmpty() || !frames.isEmpty();
        }
    }

    void pass(long nanos) {
        now += nanos;
        settle();
    }

    /** Lets so much time pass that all leases end, nothing is hot and placement has no more to do. */
    void rest() {
        for (int epoch = 0; epoch < 30; epoch++) {
            pass(EPOCH);
        }
    }

    /** Checks that nobody reads, lends, borrows or moves anything, and that what the directory says is what there is. */
    void checkNothingIsHeld() {
        for (PoolNode node : nodes) {
            node.pool.checkInvariants();
            PoolUsage usage = node.pool.usage(Tier.DEVICE);
            assertThat(usage.pinned()).as("pins of node %d", node.number).isZero();
            assertThat(usage.writing())
                    .as("writing slots of node %d", node.number)
                    .isZero();
            assertThat(node.loans.lender().isIdle())
                    .as("node %d lends", node.number)
                    .isTrue();
            assertThat(node.loans.borrower().isIdle())
                    .as("node %d borrows", node.number)
                    .isTrue();
            assertThat(node.pool.ownPins()).isZero();
        }
        assertThat(jobs).isEmpty();
    }

    /** Returns which nodes have each segment, after checking that every directory says the same. */
    Map<SegmentId, List<Integer>> holders() {
        Map<SegmentId, List<Integer>> holders = new HashMap<>();
        for (PoolNode node : nodes) {
            for (SegmentId id : node.held()) {
                holders.computeIfAbsent(id, i -> new ArrayList<>()).add(node.number);
            }
        }
        for (PoolNode node : nodes) {
            holders.forEach((id, numbers) -> {
                List<Integer> others =
                        numbers.stream().filter(n -> n != node.number).toList();
                assertThat(node.directory.holders(id))
                        .as("what node %d thinks of %s", node.number, id)
                        .extracting(holding -> holding.node())
                        .containsExactlyElementsOf(others);
            });
        }
        return holders;
    }

    static int[] tokens(String word) {
        int[] tokens = new int[word.length() * 16];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = word.charAt(i / 16);
        }
        return tokens;
    }

    /** Returns the identity of a word's last segment. */
    static SegmentId id(String word) {
        SegmentId id = ROOT;
        for (int i = 0; i < word.length(); i++) {
            id = SegmentIdentity.next(id, tokens(word), i * 16, (i + 1) * 16);
        }
        return id;
    }

    /** What a model would have computed: a function of all that stands before. */
    static void fill(ByteBuffer slot, String word) {
        SplittableRandom values = new SplittableRandom(word.hashCode());
        while (slot.hasRemaining()) {
            slot.put((byte) values.nextInt());
        }
    }
}
