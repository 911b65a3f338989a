package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.testing.RandomizedTest;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Tiles, merges and tables of random spans. */
class TilePackerTest {
    private static final int SEGMENT = 16;

    private record Tile(
            int firstQuery,
            int firstPosition,
            int rowFrom,
            int rows,
            int table,
            int keyFrom,
            int keyTo,
            int partial,
            boolean isTensor) {}

    @RandomizedTest(200)
    void everyRowMeetsEachKeyThatItSeesInOneTileAndEachPartIsMergedOnce(SplittableRandom random) {
        int group = random.nextInt(1, 9);
        int splitKeys = 32 << random.nextInt(3);
        TilePacker packer = new TilePacker(SEGMENT, group, splitKeys, random.nextBoolean(), new boolean[0]);
        List<Span> spans = new ArrayList<>();
        int query = 0;
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            query += random.nextInt(3);
            int queries = random.nextInt(2) == 0 ? 1 : random.nextInt(1, 60);
            int keyFrom = random.nextInt(3) == 0 ? random.nextInt(200) : 0;
            int keyTo = keyFrom + random.nextInt(200);
            int[] slots = random.ints(30, 0, 1000).toArray();
            spans.add(new Span(query, queries, random.nextInt(200), slots, keyFrom, keyTo));
            query += queries;
        }
        packer.pack(spans);
        int[] ints = new int[packer.ints()];
        packer.write(IntBuffer.wrap(ints));
        int tables = 8 * (packer.plainTiles() + packer.tensorTiles()) + 5 * packer.merges();

        Map<Long, Integer> partialsOfRow = new HashMap<>();
        Map<Long, int[]> seen = new HashMap<>(); // (query, head of the group) -> how often each key was met
        boolean[] written = new boolean[packer.partialRows()];
        for (int t = 0; t < packer.plainTiles() + packer.tensorTiles(); t++) {
            int at = 8 * t;
            Tile tile = new Tile(
                    ints[at],
                    ints[at + 1],
                    ints[at + 2],
                    ints[at + 3],
                    ints[at + 4],
                    ints[at + 5],
                    ints[at + 6],
                    ints[at + 7],
                    t >= packer.plainTiles());
            assertThat(tile.rows).isBetween(1, tile.isTensor ? TilePacker.TENSOR_ROWS : TilePacker.PLAIN_ROWS);
            assertThat(tile.keyTo - tile.keyFrom).isBetween(0, splitKeys);
            Span span = spans.stream()
                    .filter(s -> s.firstQuery() == tile.firstQuery)
                    .findFirst()
                    .orElseThrow();
            for (int r = tile.rowFrom; r < tile.rowFrom + tile.rows; r++) {
                long row = (long) (tile.firstQuery + r / group) * 100 + r % group;
                int[] keys = seen.computeIfAbsent(row, x -> new int[1000]);
                for (int key = tile.keyFrom; key < tile.keyTo; key++) {
                    if (key <= tile.firstPosition + r / group) {
                        keys[key]++;
                    }
                    assertThat(ints[tables + tile.table + key / SEGMENT]).isEqualTo(span.slots()[key / SEGMENT]);
                }
                if (tile.partial >= 0) {
                    int to = tile.partial + r - tile.rowFrom;
                    assertThat(written[to])
                            .as("partial row %d written twice", to)
                            .isFalse();
                    written[to] = true;
                    partialsOfRow.merge(row, 1, Integer::sum);
                }
            }
        }
        for (int m = 0; m < packer.merges(); m++) {
            int at = 8 * (packer.plainTiles() + packer.tensorTiles()) + 5 * m;
            for (int r = ints[at + 1]; r < ints[at + 1] + ints[at + 2]; r++) {
                long row = (long) (ints[at] + r / group) * 100 + r % group;
                assertThat(partialsOfRow.remove(row)).isEqualTo(ints[at + 4]);
            }
        }
        assertThat(partialsOfRow).as("parts that nobody merges").isEmpty();
        for (Span span : spans) {
            for (int q = 0; q < span.queries(); q++) {
                for (int h = 0; h < group; h++) {
                    int[] expected = new int[1000];
                    int end = Math.min(span.keyTo(), span.firstPosition() + q + 1);
                    if (end > span.keyFrom()) {
                        Arrays.fill(expected, span.keyFrom(), end, 1);
                    }
                    assertThat(seen.get((span.firstQuery() + q) * 100L + h)).isEqualTo(expected);
                }
            }
        }
    }
}
