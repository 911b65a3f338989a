package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierSurvey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the pages draw of a pool. */
class PoolPictureTest {
    private static final SegmentId ROOT = id(0);

    private static SegmentId id(long number) {
        return new SegmentId(number, 0, 0, 77);
    }

    /** Segments 1 - 2 - 3 with 4 and 5 behind 2, of which 5 is on the disk alone, and 9, whose beginning is gone. */
    private static List<TierSurvey> survey() {
        TierSurvey device = TierSurvey.ofFree(Tier.DEVICE, 8);
        device.put(0, id(1), ROOT, 4, 100, true);
        device.put(1, id(2), id(1), 4, 100, true);
        device.put(2, id(3), id(2), 1, 90, false);
        device.put(5, id(4), id(2), 2, 50, false);
        device.put(6, id(9), id(8), 0, 10, false);
        device.states()[7] = TierSurvey.WRITING;
        TierSurvey disk = TierSurvey.ofFree(Tier.DISK, 2);
        disk.put(1, id(5), id(2), 3, 7, false);
        return List.of(device, disk);
    }

    @Test
    void everySlotHasFourBytes() {
        ByteBuffer picture = ByteBuffer.wrap(SlotPicture.of(survey())).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[4];
        picture.get(magic);
        assertThat(new String(magic, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("KVS1");
        assertThat(picture.get()).isEqualTo((byte) 1);
        assertThat(picture.get()).isEqualTo((byte) 2);
        byte[] alias = new byte[picture.get()];
        picture.get(alias);
        assertThat(new String(alias, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo(SegmentIdentity.tenantAlias(ROOT));
        assertThat(picture.get()).isEqualTo((byte) Tier.DEVICE.ordinal());
        assertThat(picture.getInt()).isEqualTo(8);
        assertThat(picture.get()).isEqualTo((byte) Tier.DISK.ordinal());
        assertThat(picture.getInt()).isEqualTo(2);
        assertThat(picture.remaining()).isEqualTo(40);
        assertThat(picture.getInt()).isEqualTo(TierSurvey.PINNED | 37 << 8 | 255 << 16); // log2(5) * 16 = 37
        picture.position(picture.position() + 4 * 2);
        assertThat(picture.get()).isEqualTo(TierSurvey.FREE);
    }

    @Test
    void theTreeIsMadeOfWhatComesBeforeWhat() {
        TreePicture picture = new TreePicture(survey());
        JsonNode tree = picture.json();
        assertThat(tree.path("segments").asInt()).isEqualTo(6);
        JsonNode first = tree.path("children").get(0);
        assertThat(first.path("segments").asInt()).isEqualTo(2); // 1 and 2, in one run
        assertThat(first.path("weight").asInt()).isEqualTo(5);
        assertThat(first.path("pinned").asBoolean()).isTrue();
        assertThat(first.path("children").size()).isEqualTo(3);
        assertThat(tree.path("children").get(1).path("id").asText()).isEqualTo(SegmentIdentity.alias(id(9)));
        assertThat(picture.find(first.path("id").asText())).contains(id(2));
        assertThat(picture.find("nobody")).isEmpty();
    }

    @Test
    void leavesOutAndCountsWhatNobodyCouldSee() {
        TierSurvey device = TierSurvey.ofFree(Tier.DEVICE, 40_000);
        for (int slot = 0; slot < 20_000; slot++) { // one very deep prompt
            device.put(slot, id(slot + 1), id(slot), slot % 2, slot, false);
        }
        for (int slot = 20_000; slot < 40_000; slot++) { // and many short ones
            device.put(slot, id(100_000 + slot), ROOT, 0, slot, false);
        }
        JsonNode tree = new TreePicture(List.of(device)).json();
        assertThat(tree.toString().length()).isLessThan(300_000);
        assertThat(tree.path("segments").asInt()).isEqualTo(40_000);
        assertThat(tree.path("more").asInt()).isGreaterThan(19_000);
    }
}
