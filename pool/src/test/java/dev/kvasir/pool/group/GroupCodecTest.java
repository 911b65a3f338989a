package dev.kvasir.pool.group;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.group.GroupMessage.End;
import dev.kvasir.pool.group.GroupMessage.Invite;
import dev.kvasir.pool.group.GroupMessage.Join;
import dev.kvasir.pool.group.GroupMessage.Lent;
import dev.kvasir.pool.group.GroupMessage.Start;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;

class GroupCodecTest {
    @RandomizedTest(20)
    void everyMessageComesBackAsItWas(SplittableRandom random) {
        for (GroupMessage message : messages(random)) {
            assertThat(GroupCodec.decode(GroupCodec.encode(message)))
                    .get()
                    .usingRecursiveComparison()
                    .isEqualTo(message);
        }
    }

    @RandomizedTest(3)
    void whatIsCutOrLongerIsNoMessage(SplittableRandom random) {
        for (GroupMessage message : messages(random)) {
            ByteBuffer bytes = GroupCodec.encode(message);
            for (int length = 0; length < bytes.limit(); length++) {
                assertThat(GroupCodec.decode(bytes.slice(0, length))).isEmpty();
            }
            ByteBuffer longer =
                    ByteBuffer.allocate(bytes.limit() + 1).put(bytes).rewind();
            assertThat(GroupCodec.decode(longer)).isEmpty();
        }
    }

    /** Whatever comes, it is a message that checks itself, or none; nothing is thrown. */
    @RandomizedTest(300)
    void nonsenseIsNoMessageOrAnotherOne(SplittableRandom random) {
        for (GroupMessage message : messages(random)) {
            ByteBuffer bytes = GroupCodec.encode(message);
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                bytes.put(random.nextInt(bytes.limit()), (byte) random.nextInt());
            }
            GroupCodec.decode(bytes).ifPresent(other -> assertThat(GroupCodec.decode(GroupCodec.encode(other)))
                    .get()
                    .usingRecursiveComparison()
                    .isEqualTo(other));
        }
    }

    private static List<GroupMessage> messages(SplittableRandom random) {
        GroupId id = new GroupId(random.nextInt(1, 1000), random.nextLong());
        SegmentId root = new SegmentId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        Shares shares = Shares.of(List.of(2, 5, 9), random.nextInt(5), 8 + random.nextInt(20), random.nextInt(1, 5));
        return List.of(
                new Invite(id, root, shares, random.ints(random.nextInt(50)).toArray()),
                new Join(id),
                new Start(id),
                new Lent(
                        id,
                        random.nextInt(),
                        random.nextBoolean(),
                        random.nextLong(),
                        random.ints(random.nextInt(20)).toArray()),
                new End(id));
    }
}
