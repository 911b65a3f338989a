package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class KvLayoutTest {
    @Test
    void countsElementsAndBytesOfASegment() {
        KvLayout layout = new KvLayout(24, 2, 64, 64, KvDtype.BFLOAT16);
        assertThat(layout.segmentElements()).isEqualTo(393_216);
        assertThat(layout.segmentBytes()).isEqualTo(786_432);
        assertThat(new KvLayout(24, 2, 64, 64, KvDtype.FLOAT32).segmentBytes()).isEqualTo(1_572_864);
    }

    @Test
    void walksASlotInTheOrderLayerKvHeadTokenElement() {
        KvLayout layout = new KvLayout(3, 2, 5, 16, KvDtype.FLOAT32);
        int expected = 0;
        for (int layer = 0; layer < 3; layer++) {
            for (boolean value : new boolean[] {false, true}) {
                for (int head = 0; head < 2; head++) {
                    for (int token = 0; token < 16; token++) {
                        assertThat(layout.offset(layer, value, head, token)).isEqualTo(expected);
                        expected += 5;
                    }
                }
            }
        }
        assertThat(layout.segmentElements()).isEqualTo(expected);
    }

    @Test
    void needsOneMoreSegmentForTheFirstTokenBeyondTheLast() {
        KvLayout layout = new KvLayout(1, 1, 1, 64, KvDtype.FLOAT32);
        assertThat(layout.segmentsFor(0)).isZero();
        assertThat(layout.segmentsFor(1)).isEqualTo(1);
        assertThat(layout.segmentsFor(64)).isEqualTo(1);
        assertThat(layout.segmentsFor(65)).isEqualTo(2);
    }

    @Test
    void refusesSegmentsThatAreNoPowerOfTwoFrom16To512() {
        for (int tokens : new int[] {-64, 0, 1, 8, 17, 96, 1024}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new KvLayout(1, 1, 1, tokens, KvDtype.FLOAT32))
                    .withMessage("segment tokens must be a power of two from 16 to 512, not " + tokens);
        }
    }

    @Test
    void refusesALayoutWithoutLayersHeadsOrElements() {
        assertThatIllegalArgumentException().isThrownBy(() -> new KvLayout(0, 1, 1, 64, KvDtype.FLOAT32));
        assertThatIllegalArgumentException().isThrownBy(() -> new KvLayout(1, -1, 1, 64, KvDtype.FLOAT32));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(1, 1, 0, 64, KvDtype.FLOAT32))
                .withMessageContaining("1 x 1 x 0");
    }

    @Test
    void refusesSegmentsThatFitNoBufferEvenIfTheirSizeWrapsRoundALong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KvLayout(128, 128, 512, 512, KvDtype.FLOAT32))
                .withMessage("a segment of 34359738368 bytes does not fit a buffer");
        int huge = 1 << 20;
        assertThatIllegalArgumentException().isThrownBy(() -> new KvLayout(huge, huge, huge, 64, KvDtype.FLOAT32));
    }
}
