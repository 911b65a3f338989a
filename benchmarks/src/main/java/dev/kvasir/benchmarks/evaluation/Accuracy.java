package dev.kvasir.benchmarks.evaluation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.TextTable;

/**
 * How many answers were right.
 *
 * @param right answers that were the expected ones
 * @param answers all of them; with none, share and interval are not known
 */
record Accuracy(int right, int answers) {
    /** Standard deviations from the mean that hold 95 % of a normal distribution. */
    private static final double Z = 1.959_963_984_540_054;

    Accuracy {
        if (right < 0 || right > answers) {
            throw new IllegalArgumentException(right + " of " + answers + " can't be right");
        }
    }

    /** Returns the share that was right, from 0 to 1. */
    double share() {
        return answers == 0 ? Double.NaN : (double) right / answers;
    }

    /** Returns the lower end of the 95 % interval. */
    double low() {
        return right == 0 && answers > 0 ? 0 : bound(-1);
    }

    /** Returns the upper end of the 95 % interval. */
    double high() {
        return right == answers && answers > 0 ? 1 : bound(1);
    }

    /*
     * Wilson's score interval (Wilson 1927): the true shares from which the one seen is not further than Z standard deviations. Unlike the
     * usual share plus or minus some it stays within 0 and 1, and says something when all answers are right.
     */
    private double bound(int sign) {
        double n = answers;
        double p = share();
        double centre = p + Z * Z / (2 * n);
        double width = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        return (centre + sign * width) / (1 + Z * Z / n);
    }

    /** Returns the share in percent. */
    String percent() {
        return TextTable.number(100 * share(), 1);
    }

    /** Returns the interval in percent. */
    String interval() {
        return TextTable.number(100 * low(), 1) + " to " + TextTable.number(100 * high(), 1);
    }

    /** Adds all of it to an object. */
    void putInto(ObjectNode json) {
        json.put("answers", answers).put("right", right);
        JsonFile.put(json, "accuracy", share());
        JsonFile.put(json, "accuracyLow95", low());
        JsonFile.put(json, "accuracyHigh95", high());
    }
}
