package dev.kvasir.runner.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.WireHub;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.remote.SplitWorld.Step;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;

/** Attention over parts on several nodes is attention over the whole. */
class SplitAttentionTest {
    @RandomizedTest(25)
    void partsOnAnyNodesAreTheWholeInFloat32(SplittableRandom random) {
        compare(random, KvDtype.FLOAT32, 5e-6);
    }

    @RandomizedTest(10)
    void partsOnAnyNodesAreTheWholeInBfloat16(SplittableRandom random) {
        // Each node's part is rounded to 8 bits, and so is each merge; values go from -2 to 2.
        compare(random, KvDtype.BFLOAT16, 1e-2);
    }

    @RandomizedTest(10)
    void aQueryThatNeedsSeveralFramesIsAnsweredByAll(SplittableRandom random) {
        KvLayout layout = SplitWorld.layout(random, KvDtype.FLOAT32);
        WireHub hub = new WireHub(Runnable::run, 6_000);
        SplitWorld world = new SplitWorld(random, layout, 1, 2, hub, Runnable::run, Long.MAX_VALUE, () -> 0);
        Step step = world.step(6, 300, 1);
        PartialAttention.Launch launch = world.split.prepare(step.split());
        for (int layer = 0; layer < layout.layers(); layer++) {
            assertThat(world.distance(step, launch, layer)).isLessThan(2e-5);
        }
        long frames = world.queries.counts().sent();
        assertThat(world.queries.counts().sentBytes())
                .isLessThanOrEqualTo(frames * hub.join(99).maxFrameBytes());
        assertThat(world.queries.counts().failed()).isZero();
    }

    private static void compare(SplittableRandom random, KvDtype dtype, double tolerance) {
        KvLayout layout = SplitWorld.layout(random, dtype);
        int others = random.nextInt(1, 4);
        SplitWorld world = new SplitWorld(
                random,
                layout,
                random.nextInt(1, 5),
                others,
                new WireHub(Runnable::run),
                Runnable::run,
                Long.MAX_VALUE,
                () -> 0);
        for (int steps = 0; steps < 3; steps++) {
            // From nothing elsewhere to nothing here.
            Step step = world.step(random.nextInt(1, 6), random.nextInt(1, 300), steps / 2.0);
            PartialAttention.Launch launch = world.split.prepare(step.split());
            for (int layer = 0; layer < layout.layers(); layer++) {
                assertThat(world.distance(step, launch, layer))
                        .as("%s, %d other nodes", step, others)
                        .isLessThan(tolerance * (others + 1));
            }
        }
    }
}
