package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.cuda.AttentionScene.Shape;
import dev.kvasir.runner.cuda.AttentionScene.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Attention of random shapes on the device that is there, against float64 plain Java. */
final class RandomSpans {
    private static final int[] SIZES = {1, 15, 16, 17, 63, 64, 65, 255, 256, 257};
    private static final int[] HEAD_DIMS = {8, 32, 40, 64, 80, 128, 160, 256};
    private static final int MOST_KEYS = 600; // a test needs no more than it takes to fill some segments

    private RandomSpans() {}

    static void compare(SplittableRandom random) {
        Stored stored = Stored.values()[random.nextInt(4) % 3];
        KvDtype dtype = AttentionScene.dtype(random);
        int headDim = HEAD_DIMS[random.nextInt(HEAD_DIMS.length)];
        if (stored == Stored.POSITION_FREE && headDim % 16 != 0) {
            headDim = 64;
        }
        KvLayout kv = new KvLayout(random.nextInt(1, 3), random.nextInt(1, 4), headDim, 16 << random.nextInt(3), dtype);
        int segments = random.nextInt(1, 41);
        int mostKeys = Math.min(segments * kv.segmentTokens(), MOST_KEYS);
        Shape shape = new Shape(kv, random.nextInt(1, 9), segments, 32 << random.nextInt(4), stored);
        try (AttentionScene scene = new AttentionScene(random, shape, UnaryOperator.identity())) {
            List<Span> spans = new ArrayList<>();
            int query = 0;
            for (int rows = random.nextInt(1, 5); rows > 0; rows--) {
                query += random.nextInt(5) == 0 ? 1 : 0; // a query that belongs to nobody
                int keys = Math.min(SIZES[random.nextInt(SIZES.length)], mostKeys);
                int queries = random.nextInt(2) == 0 ? 1 : Math.min(random.nextInt(1, 40), keys);
                boolean any = random.nextInt(4) == 0;
                int keyFrom = any ? random.nextInt(keys + 1) : 0;
                int keyTo = any ? random.nextInt(keyFrom, keys + 1) : keys;
                spans.add(new Span(query, queries, keys - queries, scene.table(keys), keyFrom, keyTo));
                query += queries;
            }
            scene.queries(query + 1);
            int layer = random.nextInt(kv.layers());
            double distance = scene.distance(scene.onDevice(spans, layer), scene.reference(spans, layer));
            assertThat(distance)
                    .as("%s %s %s", shape, scene.executor().choice(), spans)
                    .isLessThan(scene.tolerance());
        }
    }
}
