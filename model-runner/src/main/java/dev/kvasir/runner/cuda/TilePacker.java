package dev.kvasir.runner.cuda;

import dev.kvasir.runner.PartialAttention.Span;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a step's spans into tiles, segment tables and merges: int32 arrays in the layouts of {@code spans.cuh}. Where a span's keys are split depends on
 * the span alone, never on its neighbours, so that a row's sums don't either.
 */
final class TilePacker {
    /** Rows of a tile of the plain path, and of the tensor-core path: ROWS and WARPS * WARP_ROWS of the kernels. */
    static final int PLAIN_ROWS = 4;

    static final int TENSOR_ROWS = 64;
    /** From so many rows on the tensor-core path wins: below, most rows of its 16 would be padding. */
    private static final int TENSOR_FROM = 16;

    private static final int TILE_INTS = 8;
    private static final int MERGE_INTS = 5;

    private final int segmentTokens;
    private final int group;
    private final int splitKeys;
    private final boolean hasTensorPath;
    private final boolean[] isFree; // by slot; empty if no slot holds unrotated keys

    private int[] plain = new int[64];
    private int[] tensor = new int[64];
    private int[] merges = new int[64];
    private int[] tables = new int[64];
    private int plainSize;
    private int tensorSize;
    private int mergeSize;
    private int tableSize;
    private int partialRows;

    /**
     * Creates a packer.
     *
     * @param group query heads of a KV head
     * @param splitKeys keys of a tile at most
     * @param isFree by slot, whether its keys were stored before rotation; may be empty
     */
    TilePacker(int segmentTokens, int group, int splitKeys, boolean hasTensorPath, boolean[] isFree) {
        this.segmentTokens = segmentTokens;
        this.group = group;
        this.splitKeys = splitKeys;
        this.hasTensorPath = hasTensorPath;
        this.isFree = isFree;
    }

    void pack(List<Span> spans) {
        plainSize = tensorSize = mergeSize = tableSize = partialRows = 0;
        for (Span span : spans) {
            int end = Math.min(span.keyTo(), span.firstPosition() + span.queries());
            int firstSegment = span.keyFrom() / segmentTokens;
            int segments = end <= span.keyFrom() ? 0 : (end - 1) / segmentTokens + 1 - firstSegment;
            boolean hasFree = false;
            int table = tableSize - firstSegment;
            for (int s = firstSegment; s < firstSegment + segments; s++) {
                int slot = span.slots()[s];
                boolean free = slot < isFree.length && isFree[slot];
                hasFree |= free;
                tables = put(tables, tableSize++, free ? slot | DeviceLayout.POSITION_FREE : slot);
            }
            int rows = span.queries() * group;
            boolean isTensor = hasTensorPath && !hasFree && rows >= TENSOR_FROM;
            int step = isTensor ? TENSOR_ROWS : PLAIN_ROWS;
            for (int row = 0; row < rows; row += step) {
                tile(span, row, Math.min(step, rows - row), table, isTensor);
            }
        }
    }

    private void tile(Span span, int rowFrom, int rows, int table, boolean isTensor) {
        int last = span.firstPosition() + (rowFrom + rows - 1) / group;
        int end = Math.max(span.keyFrom(), Math.min(span.keyTo(), last + 1));
        int parts = Math.max(1, (end - span.keyFrom() + splitKeys - 1) / splitKeys);
        for (int part = 0; part < parts; part++) {
            int from = span.keyFrom() + part * splitKeys;
            int partial = parts == 1 ? -1 : partialRows + part * rows;
            int to = Math.min(end, from + splitKeys);
            if (isTensor) {
                tensor = put(tensor, tensorSize, span, rowFrom, rows, table, from, to, partial);
                tensorSize += TILE_INTS;
            } else {
                plain = put(plain, plainSize, span, rowFrom, rows, table, from, to, partial);
                plainSize += TILE_INTS;
            }
        }
        if (parts > 1) {
            merges = put(put(merges, mergeSize, span.firstQuery()), mergeSize + 1, rowFrom);
            merges = put(put(merges, mergeSize + 2, rows), mergeSize + 3, partialRows);
            merges = put(merges, mergeSize + 4, parts);
            mergeSize += MERGE_INTS;
            partialRows += parts * rows;
        }
    }

    private static int[] put(
            int[] tiles, int at, Span span, int rowFrom, int rows, int table, int keyFrom, int keyTo, int partial) {
        int[] to = at + TILE_INTS <= tiles.length ? tiles : Arrays.copyOf(tiles, 2 * tiles.length);
        to[at] = span.firstQuery();
        to[at + 1] = span.firstPosition();
        to[at + 2] = rowFrom;
        to[at + 3] = rows;
        to[at + 4] = table;
        to[at + 5] = keyFrom;
        to[at + 6] = keyTo;
        to[at + 7] = partial;
        return to;
    }

    private static int[] put(int[] values, int at, int value) {
        int[] to = at < values.length ? values : Arrays.copyOf(values, 2 * values.length);
        to[at] = value;
        return to;
    }

    int plainTiles() {
        return plainSize / TILE_INTS;
    }

    int tensorTiles() {
        return tensorSize / TILE_INTS;
    }

    int merges() {
        return mergeSize / MERGE_INTS;
    }

    /** Returns how many rows of partials the tiles write, of every KV head. */
    int partialRows() {
        return partialRows;
    }

    /** Returns the ints of everything: plain tiles, tensor-core tiles, merges, tables, in this order. */
    int ints() {
        return plainSize + tensorSize + mergeSize + tableSize;
    }

    /** Writes everything. */
    void write(java.nio.IntBuffer to) {
        to.put(plain, 0, plainSize)
                .put(tensor, 0, tensorSize)
                .put(merges, 0, mergeSize)
                .put(tables, 0, tableSize);
    }
}
