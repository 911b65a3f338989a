package dev.kvasir.engine.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.engine.cluster.HeldSet.Checksum;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What nodes say to each other, as bytes: it comes back as it was, or not at all. */
class SealedBytesTest {
    private static final Seals SEALS = Seals.of(secret(1));
    private static final Seals STRANGERS = Seals.of(secret(2));

    private static ClusterSecret secret(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return ClusterSecret.of(bytes);
    }

    /** Reads bytes of one kind, or refuses them. */
    private interface Decoder {
        Object decode(byte[] bytes, Seals seals) throws RefusedException;
    }

    private static final Decoder STATUS = (bytes, seals) -> Status.decode(bytes, seals.status());
    private static final Decoder DELTA = (bytes, seals) -> Delta.decode(bytes, seals.delta());

    private static Status status(SplittableRandom random) {
        byte[] model = new byte[Status.MODEL_BYTES];
        random.nextBytes(model);
        int node = 1 + random.nextInt(Integer.MAX_VALUE);
        int slots = random.nextInt(1 << 20);
        return new Status(
                new Incarnation(node, new UUID(random.nextLong(), random.nextLong())),
                random.nextLong(),
                new UUID(random.nextLong(), random.nextLong()),
                model,
                Role.values()[random.nextInt(Role.values().length)],
                random.nextBoolean(),
                new NodeStatus(
                        node,
                        slots,
                        random.nextInt(slots + 1),
                        random.nextInt(100),
                        random.nextInt(100),
                        random.nextDouble() * 1e6,
                        random.nextBoolean(),
                        random.nextBoolean()),
                random.nextLong(),
                new Checksum(random.nextInt(), random.nextLong()),
                new NodeAddress("h".repeat(1 + random.nextInt(255)), 1 + random.nextInt(65535)));
    }

    private static SegmentId segment(SplittableRandom random) {
        return new SegmentId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static Delta delta(SplittableRandom random, int changes) {
        List<Change> all = new ArrayList<>();
        for (int i = 0; i < changes; i++) {
            all.add(new Change(segment(random), Change.Kind.values()[random.nextInt(3)]));
        }
        return new Delta(
                new Incarnation(1 + random.nextInt(100), new UUID(random.nextLong(), random.nextLong())),
                1 + random.nextInt(1000),
                all);
    }

    @RandomizedTest
    void whatIsSaidComesBackAsItWas(SplittableRandom random) throws Exception {
        Status status = status(random);
        byte[] bytes = status.encode(SEALS.status());
        assertThat(bytes.length).isBetween(Status.SHORTEST, Status.LONGEST);
        assertThat(Status.decode(bytes, SEALS.status())).isEqualTo(status);
        Delta delta = delta(random, random.nextInt(50));
        assertThat(Delta.decode(delta.encode(SEALS.delta()), SEALS.delta())).isEqualTo(delta);
        SegmentId id = segment(random);
        byte[] key = SegmentEntry.key(12, id);
        boolean replica = random.nextBoolean();
        byte[] value = SegmentEntry.value(key, replica, 5, SEALS.segment());
        assertThat(SegmentEntry.node(key)).isEqualTo(12);
        assertThat(SegmentEntry.decode(key, value, SEALS.segment())).isEqualTo(Change.held(id, replica));
    }

    @RandomizedTest(5)
    void everyBitIsUnderTheSealAndEveryLengthIsChecked(SplittableRandom random) {
        refusesAllButTheWhole(STATUS, status(random).encode(SEALS.status()));
        refusesAllButTheWhole(DELTA, delta(random, 3).encode(SEALS.delta()));
        byte[] key = SegmentEntry.key(12, segment(random));
        byte[] value = SegmentEntry.value(key, true, 5, SEALS.segment());
        refusesAllButTheWhole((bytes, seals) -> SegmentEntry.decode(key, bytes, seals.segment()), value);
        refusesFlips((bytes, seals) -> SegmentEntry.decode(bytes, value, seals.segment()), key);
    }

    private static void refusesAllButTheWhole(Decoder decoder, byte[] whole) {
        for (int length = 0; length < whole.length; length++) {
            refuses(decoder, Arrays.copyOf(whole, length), SEALS);
        }
        refuses(decoder, Arrays.copyOf(whole, whole.length + 1), SEALS);
        refuses(decoder, whole, STRANGERS);
        refusesFlips(decoder, whole);
    }

    private static void refusesFlips(Decoder decoder, byte[] whole) {
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] flipped = whole.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            refuses(decoder, flipped, SEALS);
        }
    }

    private static void refuses(Decoder decoder, byte[] bytes, Seals seals) {
        assertThatThrownBy(() -> decoder.decode(bytes, seals)).isInstanceOf(RefusedException.class);
    }

    @Test
    void theReasonIsSaid() {
        SplittableRandom random = new SplittableRandom(1);
        byte[] whole = delta(random, 2).encode(SEALS.delta());
        assertThat(reason(DELTA, new byte[Delta.LONGEST + 1])).isEqualTo(Count.DROPPED_LENGTH);
        byte[] young = whole.clone();
        young[0] = 2;
        assertThat(reason(DELTA, young)).isEqualTo(Count.DROPPED_VERSION);
        assertThat(reason((bytes, seals) -> Delta.decode(bytes, seals.status()), whole))
                .as("sealed as something else")
                .isEqualTo(Count.DROPPED_SEAL);
    }

    private static Count reason(Decoder decoder, byte[] bytes) {
        try {
            decoder.decode(bytes, SEALS);
            throw new AssertionError("not refused");
        } catch (RefusedException e) {
            return e.reason();
        }
    }

    @Test
    void sealedNonsenseIsRefusedToo() {
        byte[] bytes = delta(new SplittableRandom(1), 2).encode(SEALS.delta());
        bytes[1 + Incarnation.BYTES + 8 + 3] = 77; // so many changes
        java.nio.ByteBuffer buffer = java.nio.ByteBuffer.wrap(bytes);
        buffer.position(bytes.length - Seal.BYTES);
        assertThat(reason(DELTA, SEALS.delta().close(buffer))).isEqualTo(Count.DROPPED_VALUE);
    }

    @RandomizedTest
    void aChecksumDependsOnWhatIsHeldAlone(SplittableRandom random) {
        HeldSet held = new HeldSet();
        List<SegmentId> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ids.add(segment(random));
        }
        for (int i = 0; i < 200; i++) {
            SegmentId id = ids.get(random.nextInt(ids.size()));
            if (random.nextInt(3) == 0) {
                held.remove(id);
            } else {
                held.put(id, random.nextBoolean());
            }
        }
        HeldSet same = new HeldSet();
        held.segments().forEach(same::put);
        assertThat(held.checksum()).isEqualTo(same.checksum());
        ids.forEach(id -> {
            HeldSet other = new HeldSet();
            held.segments().forEach(other::put);
            Boolean replica = held.get(id);
            other.put(id, replica == null || !replica);
            assertThat(other.checksum()).isNotEqualTo(held.checksum());
        });
    }
}
