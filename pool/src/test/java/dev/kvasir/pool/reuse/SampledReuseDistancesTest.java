package dev.kvasir.pool.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** What a sample says of pools of other sizes, beside pools of these sizes. */
class SampledReuseDistancesTest {
    private static final int TOKENS = 16;
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    /** A least-recently-used cache of prompts of one segment. */
    private static final class Lru {
        final int size;
        final LinkedHashSet<Integer> held = new LinkedHashSet<>();
        long found;
        long asked;

        Lru(int size) {
            this.size = size;
        }

        void ask(int prompt) {
            asked++;
            found += held.remove(prompt) ? 1 : 0;
            held.add(prompt);
            if (held.size() > size) {
                Iterator<Integer> oldest = held.iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    private static int[] prompt(int number) {
        int[] tokens = new int[TOKENS + 1];
        tokens[0] = number;
        return tokens;
    }

    /** Prompts of which few are asked for often and many seldom: the k-th as often as 1 / k. */
    private static int skewed(SplittableRandom random, int prompts) {
        return (int) Math.exp(random.nextDouble() * Math.log(prompts)) - 1;
    }

    @RandomizedTest(10)
    void saysExactlyWhatAPoolFindsWhileEverySegmentCounts(SplittableRandom random) {
        SampledReuseDistances distances = new SampledReuseDistances(TOKENS, 512);
        List<Lru> pools = new ArrayList<>();
        for (int size : new int[] {1, 2, 5, 8, 16, 64, 256}) {
            pools.add(new Lru(size));
        }
        for (int i = 0; i < 5000; i++) {
            int asked = skewed(random, 500);
            pools.forEach(pool -> pool.ask(asked));
            distances.lookedUp(ROOT, prompt(asked), TOKENS + 1);
        }
        for (Lru pool : pools) {
            assertThat(distances.hitRate(pool.size))
                    .as("%s segments", pool.size)
                    .isEqualTo((double) pool.found / pool.asked, Offset.offset(1e-9));
        }
        distances.checkInvariants();
    }

    @RandomizedTest(6)
    void saysNearlyThatOfASample(SplittableRandom random) {
        int prompts = 20_000;
        SampledReuseDistances distances = new SampledReuseDistances(TOKENS, 2048);
        List<Lru> pools = new ArrayList<>();
        for (int size : new int[] {256, 1024, 4096, 16_384}) {
            pools.add(new Lru(size));
        }
        for (int i = 0; i < 120_000; i++) {
            int asked = random.nextInt(4) == 0 ? random.nextInt(prompts) : skewed(random, prompts);
            pools.forEach(pool -> pool.ask(asked));
            distances.lookedUp(ROOT, prompt(asked), TOKENS + 1);
        }
        for (Lru pool : pools) {
            assertThat(distances.hitRate(pool.size))
                    .as("%s segments", pool.size)
                    .isEqualTo((double) pool.found / pool.asked, Offset.offset(0.04));
        }
        assertThat((double) distances.distinct()).isBetween(0.9 * prompts, 1.1 * prompts);
        distances.checkInvariants();
    }

    @Test
    void aPromptIsItsWholeSegmentsEachAfterThoseBefore() {
        SampledReuseDistances distances = new SampledReuseDistances(4, 64);
        int[] tokens = {1, 1, 1, 1, 2, 2, 2, 2, 3};
        distances.lookedUp(ROOT, tokens, 9); // two segments, and a token more
        distances.lookedUp(ROOT, tokens, 8); // the last token is computed, so of two segments one is looked up
        assertThat(distances.distinct()).isEqualTo(2);
        assertThat(distances.hitRate(1)).isZero(); // between its look-ups came the other one
        assertThat(distances.hitRate(2)).isEqualTo(1 / 3.0, Offset.offset(1e-9));
        distances.lookedUp(new SegmentId(9, 2, 3, 9), tokens, 9); // another tenant's are others
        assertThat(distances.distinct()).isEqualTo(4);
    }

    @Test
    void knowsNothingAtFirst() {
        assertThat(new SampledReuseDistances(16, 16).hitRate(10)).isNaN();
        assertThatThrownBy(() -> new SampledReuseDistances(16, 3)).hasMessageContaining("3 segments");
    }
}
