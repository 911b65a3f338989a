package dev.kvasir.scheduler.elastic;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.linear.SingularMatrixException;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;

/**
 * A step-time model fitted to measured steps by least squares, and how well it fits.
 *
 * @param rSquared the part of the variance that it explains, 1 at best
 * @param worstResidualSeconds the greatest distance of a measured step from the model
 */
public record StepTimeFit(StepTimeModel model, double rSquared, double worstResidualSeconds) {
    private static final double SINGULAR = 1e-9; // below this the samples don't tell the terms apart
    private static final List<ToDoubleFunction<StepWork>> TERMS =
            List.of(StepWork::newTokens, StepWork::attention, StepWork::decodeContext);

    /**
     * A step that was measured.
     *
     * @param seconds that it took
     */
    public record Sample(StepWork work, double seconds) {}

    /**
     * Fits a model. A term that no sample has gets no part in it.
     *
     * @return empty if the samples are too few or too much alike to tell the terms apart
     */
    public static Optional<StepTimeFit> of(List<Sample> samples) {
        double[] scales = new double[TERMS.size()]; // terms differ by many orders of magnitude
        int used = 0;
        for (int t = 0; t < scales.length; t++) {
            ToDoubleFunction<StepWork> term = TERMS.get(t);
            scales[t] = samples.stream()
                    .mapToDouble(sample -> term.applyAsDouble(sample.work()))
                    .max()
                    .orElse(0);
            used += scales[t] > 0 ? 1 : 0;
        }
        if (samples.size() <= used + 1) {
            return Optional.empty();
        }
        double[] seconds = samples.stream().mapToDouble(Sample::seconds).toArray();
        double[] c = new double[1 + scales.length];
        if (used == 0) {
            return Optional.empty();
        }
        double[][] rows = new double[samples.size()][used];
        int column = 0;
        for (int t = 0; t < scales.length; t++) {
            if (scales[t] > 0) {
                for (int s = 0; s < rows.length; s++) {
                    rows[s][column] = TERMS.get(t).applyAsDouble(samples.get(s).work()) / scales[t];
                }
                column++;
            }
        }
        OLSMultipleLinearRegression regression = new OLSMultipleLinearRegression(SINGULAR);
        regression.newSampleData(seconds, rows);
        double[] beta;
        try {
            beta = regression.estimateRegressionParameters();
        } catch (SingularMatrixException e) {
            return Optional.empty();
        }
        c[0] = beta[0];
        column = 1;
        for (int t = 0; t < scales.length; t++) {
            c[t + 1] = scales[t] > 0 ? beta[column++] / scales[t] : 0;
        }
        double worst = 0;
        for (double residual : regression.estimateResiduals()) {
            worst = Math.max(worst, Math.abs(residual));
        }
        return Optional.of(
                new StepTimeFit(new StepTimeModel(c[0], c[1], c[2], c[3]), regression.calculateRSquared(), worst));
    }
}
