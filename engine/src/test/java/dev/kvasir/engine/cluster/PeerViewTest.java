package dev.kvasir.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** One peer's view, with a map and a bus that do what the test says. */
class PeerViewTest {
    private static final Incarnation PEER = new Incarnation(7, new UUID(1, 2));
    private static final long SECOND = 1_000_000_000L;

    private final ClusterCounters counters = new ClusterCounters();
    private final HeldSet truth = new HeldSet(); // what the peer holds
    private final HeldSet map = new HeldSet(); // what it has written
    private final Map<SegmentId, Boolean> view = new HashMap<>(); // what the changes make
    private long delta;
    private long sequence;
    private long now;
    private final PeerView peer = new PeerView(status(), 0, counters);

    private static SegmentId segment(int number) {
        return new SegmentId(number * 0x9E3779B97F4A7C15L, number, ~number, 5);
    }

    private Status status() {
        return new Status(
                PEER,
                ++sequence,
                new UUID(3, 4),
                new byte[32],
                Role.MIXED,
                false,
                new NodeStatus(7, 0, 0, 0, 0, 0, true, false),
                delta,
                truth.checksum(),
                new NodeAddress("host", 1));
    }

    private Delta change(Change... changes) {
        for (Change change : changes) {
            change.applyTo(map);
            change.applyTo(truth);
        }
        return new Delta(PEER, ++delta, List.of(changes));
    }

    private static Change holds(int segment) {
        return Change.held(segment(segment), false);
    }

    private static Change lost(int segment) {
        return new Change(segment(segment), Change.Kind.WITHDRAWN);
    }

    private void take(List<Change> changes) {
        for (Change change : changes) {
            if (change.kind() == Change.Kind.WITHDRAWN) {
                assertThat(view.remove(change.id())).isNotNull();
            } else {
                view.put(change.id(), change.kind() == Change.Kind.REPLICA);
            }
        }
    }

    private List<Change> entries() {
        List<Change> entries = new ArrayList<>();
        map.segments().forEach((id, replica) -> entries.add(Change.held(id, replica)));
        return entries;
    }

    private void hear(Delta delta) {
        take(peer.onDelta(delta));
    }

    private void read() {
        assertThat(peer.wantsRead(now)).isTrue();
        peer.beginReading();
        take(peer.endReading(entries()));
    }

    private void tell() {
        now += SECOND;
        peer.onStatus(status(), now, SECOND);
    }

    private void assertRight() {
        assertThat(view).isEqualTo(truth.segments());
        assertThat(peer.wantsRead(now)).isFalse();
    }

    @Test
    void whatThereWasBeforeIsRead() {
        change(holds(1));
        change(holds(2));
        tell();
        read();
        assertRight();
        hear(change(holds(3), lost(1)));
        assertRight();
    }

    @Test
    void aMissingDeltaHasTheMapRead() {
        read();
        hear(change(holds(1)));
        change(holds(2)); // lost
        hear(change(holds(3)));
        read();
        hear(change(lost(2)));
        assertRight();
        assertThat(counters.get(Count.RESYNCS)).isEqualTo(2);
    }

    @Test
    void theLastDeltaIsMissedWhenTheNextStatusButOneComes() {
        read();
        change(holds(1)); // lost
        tell();
        assertThat(peer.wantsRead(now)).isFalse(); // it may be on its way still
        tell();
        read();
        assertRight();
    }

    @Test
    void whatComesDuringTheReadingIsAppliedAfterIt() {
        change(holds(1));
        tell();
        peer.beginReading();
        List<Change> old = entries();
        hear(change(holds(2)));
        hear(change(lost(1)));
        take(peer.endReading(old));
        assertRight();
    }

    @Test
    void whatTheMapHasAlreadyIsNoHarmWhenItComesAgain() {
        peer.beginReading();
        Delta first = change(holds(1));
        Delta second = change(lost(1), holds(2));
        List<Change> young = entries();
        hear(first);
        hear(second);
        take(peer.endReading(young));
        assertRight();
    }

    @Test
    void aDeltaIsTakenOnce() {
        read();
        Delta first = change(holds(1));
        hear(first);
        hear(change(lost(1)));
        hear(first); // again
        assertRight();
        assertThat(counters.get(Count.DROPPED_REPLAY)).isOne();
    }

    @Test
    void aMapThatIsWrongIsReadAgainLessAndLessOften() {
        hear(change(holds(1)));
        tell();
        holds(2).applyTo(map); // somebody else did that
        read();
        tell();
        assertThat(counters.get(Count.MISMATCHES)).isOne();
        read();
        tell();
        assertThat(peer.wantsRead(now)).isFalse();
        lost(2).applyTo(map);
        now += 2 * SECOND;
        read();
        tell();
        assertRight();
    }

    @Test
    void moreThanCanWaitIsAGap() {
        peer.beginReading();
        List<Change> old = entries();
        for (int i = 0; i < 70_000; i++) {
            hear(change(i % 2 == 0 ? holds(1) : lost(1)));
        }
        take(peer.endReading(old));
        assertThat(counters.get(Count.DROPPED_OVERLOAD)).isPositive();
        hear(change(holds(2)));
        read();
        assertRight();
    }

    @RandomizedTest
    void whateverIsLostTheViewBecomesRight(SplittableRandom random) {
        List<Change> reading = null;
        for (int step = 0; step < 2000; step++) {
            switch (random.nextInt(6)) {
                case 0 -> tell();
                case 1 -> {
                    if (reading == null && peer.wantsRead(now)) {
                        peer.beginReading();
                        reading = entries();
                    } else if (reading != null && random.nextInt(8) == 0) {
                        peer.failReading(now, SECOND);
                        reading = null;
                    } else if (reading != null) {
                        take(peer.endReading(random.nextBoolean() ? reading : entries()));
                        reading = null;
                    }
                }
                default -> {
                    Change[] changes = new Change[1 + random.nextInt(4)];
                    for (int i = 0; i < changes.length; i++) {
                        int segment = random.nextInt(12);
                        changes[i] = random.nextBoolean()
                                ? Change.held(segment(segment), random.nextBoolean())
                                : lost(segment);
                    }
                    Delta next = change(changes);
                    if (random.nextInt(10) != 0) {
                        hear(next);
                    }
                }
            }
        }
        if (reading != null) {
            take(peer.endReading(reading));
        }
        for (int quiet = 0; quiet < 40; quiet++) {
            tell();
            if (peer.wantsRead(now)) {
                read();
            }
        }
        assertRight();
    }
}
