package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** Checks what a pool says of its slots against its counts. */
public final class Surveys {
    private Surveys() {}

    public static void check(MemPool pool) {
        List<TierSurvey> surveys = pool.survey();
        assertThat(surveys.stream().map(TierSurvey::tier))
                .containsExactlyElementsOf(
                        pool.tiers().stream().map(TierReport::tier).toList());
        for (TierSurvey survey : surveys) {
            int[] counts = new int[4];
            SegmentId some = null;
            for (int slot = 0; slot < survey.states().length; slot++) {
                counts[survey.states()[slot]]++;
                boolean holds = survey.states()[slot] >= TierSurvey.PINNED;
                assertThat(survey.ids()[slot] != null)
                        .as("%s slot %d", survey.tier(), slot)
                        .isEqualTo(holds);
                some = holds ? survey.ids()[slot] : some;
            }
            PoolUsage usage = pool.tiers().stream()
                    .filter(report -> report.tier() == survey.tier())
                    .findFirst()
                    .orElseThrow()
                    .usage();
            assertThat(counts[TierSurvey.PINNED]).isEqualTo(usage.pinned());
            assertThat(counts[TierSurvey.EVICTABLE]).isEqualTo(usage.evictable());
            assertThat(counts[TierSurvey.FREE] + counts[TierSurvey.WRITING])
                    .isEqualTo(usage.free() + usage.writing()); // a slot that is being erased is either
            if (some != null) {
                assertThat(pool.content(some)).hasValueSatisfying(tokens -> assertThat(tokens)
                        .hasSize(pool.layout().segmentTokens()));
            }
        }
        assertThat(pool.content(new SegmentId(-1, -1, -1, -1))).isEmpty();
    }
}
