package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.Example.Known;
import dev.kvasir.benchmarks.training.Example.Reply;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Examples side by side, padded at the end to the longest; causal attention keeps padding out of what is learned.
 *
 * @param examples in rows
 * @param width tokens of a row
 */
record Batch(List<Example> examples, int width) {
    // Few shapes: kernels are compiled for each, which takes longer than to run them.
    private static final int[] WIDTHS = {
        48, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048
    };
    private static final int ROW_MULTIPLE = 4;
    private static final int LEARNED_MULTIPLE = 128;

    /** Returns how many rows there are, empty ones included. */
    int rows() {
        return width > 192 ? examples.size() : roundUp(examples.size(), ROW_MULTIPLE);
    }

    private int tokens() {
        return rows() * width;
    }

    private static int roundUp(int value, int multiple) {
        return (value + multiple - 1) / multiple * multiple;
    }

    /** Returns ids, row by row. */
    long[] ids() {
        long[] ids = new long[tokens()];
        for (int row = 0; row < examples.size(); row++) {
            int[] tokens = examples.get(row).tokens();
            for (int i = 0; i < tokens.length; i++) {
                ids[row * width + i] = tokens[i];
            }
        }
        return ids;
    }

    /** Returns groups, row by row. */
    long[] groups() {
        long[] groups = new long[tokens()];
        for (int row = 0; row < examples.size(); row++) {
            byte[] given = examples.get(row).groups();
            for (int i = 0; i < given.length; i++) {
                groups[row * width + i] = given[i];
            }
        }
        return groups;
    }

    /** Returns how many tokens are learned, rounded up. */
    private int learned() {
        return roundUp(
                examples.stream()
                        .flatMap(example -> example.replies().stream())
                        .mapToInt(Reply::length)
                        .sum(),
                LEARNED_MULTIPLE);
    }

    /** Returns the flat position of the token before each that is learned; what rounding adds counts nothing. */
    long[] learnedRows() {
        long[] rows = new long[learned()];
        int at = 0;
        for (int row = 0; row < examples.size(); row++) {
            for (Reply reply : examples.get(row).replies()) {
                for (int i = reply.from(); i < reply.to(); i++) {
                    rows[at++] = (long) row * width + i - 1;
                }
            }
        }
        return rows;
    }

    /** Returns the tokens that are learned. */
    long[] labels() {
        long[] labels = new long[learned()];
        int at = 0;
        for (Example example : examples) {
            for (Reply reply : example.replies()) {
                for (int i = reply.from(); i < reply.to(); i++) {
                    labels[at++] = example.tokens()[i];
                }
            }
        }
        return labels;
    }

    /**
     * Returns how much each learned token counts: a long reply more than a short one, but by the root of its length only, and the first most: it
     * decides whether there is an answer.
     */
    float[] weights() {
        float[] weights = new float[learned()];
        int at = 0;
        for (Example example : examples) {
            for (Reply reply : example.replies()) {
                for (int i = 0; i < reply.length(); i++) {
                    weights[at++] = i == 0 ? 1 : (float) (1 / Math.sqrt(reply.length()));
                }
            }
        }
        return weights;
    }

    /** Returns how many rows each kind of hint has, rounded up. */
    int hintWidth() {
        int most = 0;
        for (Kind kind : Kind.values()) {
            most = Math.max(most, hints(kind));
        }
        return roundUp(most, LEARNED_MULTIPLE);
    }

    /** Returns how many hints of a kind there are. */
    int hints(Kind kind) {
        return (int) examples.stream()
                .flatMap(example -> example.hints().stream())
                .filter(hint -> hint.kind() == kind)
                .count();
    }

    /**
     * Returns hints, kind by kind: (kinds, 2, hints) of flat positions and what they should know, the latter -1 where rounding adds.
     */
    long[] hintRows() {
        int hints = hintWidth();
        long[] rows = new long[Kind.values().length * 2 * hints];
        for (Kind kind : Kind.values()) {
            int from = kind.ordinal() * 2 * hints;
            int at = 0;
            for (int row = 0; row < examples.size(); row++) {
                for (Known hint : examples.get(row).hints()) {
                    if (hint.kind() == kind) {
                        rows[from + at] = (long) row * width + hint.at();
                        rows[from + hints + at] = hint.token();
                        at++;
                    }
                }
            }
            Arrays.fill(rows, from + hints + at, from + 2 * hints, -1);
        }
        return rows;
    }

    /**
     * Splits examples into batches of similar length. Those with unseen tokens are kept apart: their attention is slower.
     *
     * @param target tokens that a batch should have about
     */
    static List<Batch> split(List<Example> examples, int target) {
        List<Example> sorted = new ArrayList<>(examples);
        sorted.sort(Comparator.comparing(Example::hides).thenComparing(example -> example.tokens().length));
        List<Batch> batches = new ArrayList<>();
        List<Example> rows = new ArrayList<>();
        for (Example example : sorted) {
            int width = width(example);
            if (!rows.isEmpty()
                    && ((rows.size() + 1) * width > target
                            || example.hides() != rows.get(0).hides())) {
                batches.add(of(rows));
                rows.clear();
            }
            rows.add(example);
        }
        batches.add(of(rows));
        return batches;
    }

    private static Batch of(List<Example> rows) {
        return new Batch(List.copyOf(rows), width(rows.get(rows.size() - 1)));
    }

    private static int width(Example example) {
        int length = example.tokens().length;
        for (int width : WIDTHS) {
            if (length <= width) {
                return width;
            }
        }
        throw new IllegalArgumentException("an example of " + length + " tokens is too long");
    }
}
