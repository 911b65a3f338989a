package dev.kvasir.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A table in plain text: the first column to the left, all others to the right. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();

    /** Starts with a line of headings. */
    public TextTable(String... headings) {
        rows.add(headings);
    }

    /** Adds a line; as many cells as there are headings. */
    public TextTable row(String... cells) {
        if (cells.length != rows.get(0).length) {
            throw new IllegalArgumentException(
                    "a line of " + cells.length + " cells under " + rows.get(0).length + " headings");
        }
        rows.add(cells);
        return this;
    }

    /** Returns a number with so many digits behind the point; {@code -} for one that isn't known. */
    public static String number(double value, int digits) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    /** Returns the lines, each ended by a line feed. */
    @Override
    public String toString() {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String padding = " ".repeat(widths[c] - row[c].length());
                line.append(c == 0 ? row[c] + padding : GAP + padding + row[c]);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
