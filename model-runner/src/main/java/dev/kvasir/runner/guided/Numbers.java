package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.jspecify.annotations.Nullable;

/**
 * JSON numbers within bounds, digit by digit. Without bounds a number has up to 15 digits before and behind its point, which a double holds and which keeps a
 * model from writing digits for ever.
 */
final class Numbers {
    private static final int DIGITS = 15;
    private static final int MOST_DIGITS = 40;
    private static final int MOST_DIVISOR = 10_000;

    /**
     * What a schema asks of a number.
     *
     * @param low the least; null for none
     * @param openLow whether {@code low} itself is too little
     * @param high the most; null for none
     * @param openHigh whether {@code high} itself is too much
     * @param integer whether it is a whole number
     * @param multipleOf null for none
     */
    record Bounds(
            @Nullable BigDecimal low,
            boolean openLow,
            @Nullable BigDecimal high,
            boolean openHigh,
            boolean integer,
            @Nullable BigDecimal multipleOf) {
        boolean isFree() {
            return low == null && high == null && multipleOf == null;
        }
    }

    private Numbers() {}

    /** Returns the numbers within the bounds. */
    static Automaton of(Bounds bounds, Limits limits) throws GuideException {
        if (bounds.isFree()) {
            String whole = "-?(0|[1-9][0-9]{0," + (DIGITS - 1) + "})";
            String real = whole + "(\\.[0-9]{1," + DIGITS + "})?([eE][+-]?[0-9]{1,2})?";
            return Languages.matched(bounds.integer() ? whole : real, limits);
        }
        checkDigits(bounds.low());
        checkDigits(bounds.high());
        BigDecimal far = BigDecimal.TEN.pow(DIGITS).subtract(BigDecimal.ONE);
        BigDecimal low = bounds.low() != null ? bounds.low() : least(far.negate(), bounds.high());
        BigDecimal high =
                bounds.high() != null ? bounds.high() : far.max(low.abs().multiply(BigDecimal.TEN));
        boolean openLow = bounds.openLow();
        boolean openHigh = bounds.openHigh();
        int fraction = bounds.integer() ? 0 : Math.max(DIGITS, Math.max(low.scale(), high.scale()));
        BigDecimal step = bounds.multipleOf();
        if (step != null) {
            fraction =
                    bounds.integer() ? 0 : Math.max(0, step.stripTrailingZeros().scale());
        }
        List<Automaton> parts = new ArrayList<>();
        if (high.signum() >= 0) {
            boolean fromZero = low.signum() < 0;
            parts.add(magnitudes(fromZero ? BigDecimal.ZERO : low, !fromZero && openLow, high, openHigh, fraction));
        }
        if (low.signum() < 0) {
            boolean toZero = high.signum() >= 0;
            // Minus zero is left out: zero has one form.
            Automaton sizes = magnitudes(
                    toZero ? BigDecimal.ZERO : high.negate(), toZero || openHigh, low.negate(), openLow, fraction);
            parts.add(Operations.concatenate(Automata.makeChar('-'), sizes));
        }
        Automaton within = Languages.deterministic(Operations.union(parts), limits);
        return step == null ? within : Languages.intersection(within, multiples(step, fraction, limits), limits);
    }

    private static BigDecimal least(BigDecimal far, @Nullable BigDecimal high) {
        return high == null ? far : far.min(high.abs().multiply(BigDecimal.TEN).negate());
    }

    private static void checkDigits(@Nullable BigDecimal bound) throws GuideException {
        if (bound != null && (bound.precision() - bound.scale() > MOST_DIGITS || bound.scale() > MOST_DIGITS)) {
            throw new GuideException("a bound has more than " + MOST_DIGITS + " digits before or behind its point");
        }
    }

    /** Returns the numbers from {@code low} to {@code high}, neither negative, with up to {@code fraction} digits behind the point. */
    private static Automaton magnitudes(
            BigDecimal low, boolean openLow, BigDecimal high, boolean openHigh, int fraction) {
        int scale = Math.max(fraction, 0);
        // Round inwards to what can be written; a bound that was rounded is no longer open at its old place.
        BigDecimal from = low.setScale(scale, RoundingMode.CEILING);
        BigDecimal to = high.setScale(scale, RoundingMode.FLOOR);
        BigInteger least = from.unscaledValue();
        BigInteger most = to.unscaledValue();
        if (openLow && from.compareTo(low) == 0) {
            least = least.add(BigInteger.ONE);
        }
        if (openHigh && to.compareTo(high) == 0) {
            most = most.subtract(BigInteger.ONE);
        }
        if (least.compareTo(most) > 0) {
            return Automata.makeEmpty();
        }
        return new DigitRange(least, most, scale).automaton();
    }

    /** Returns the numbers that are a multiple, whatever their size and sign. */
    private static Automaton multiples(BigDecimal step, int fraction, Limits limits) throws GuideException {
        BigInteger divisor;
        try {
            divisor = step.setScale(fraction, RoundingMode.UNNECESSARY).unscaledValue();
        } catch (ArithmeticException e) {
            // A whole number that is a multiple of 2.5 is one of 5.
            BigInteger numerator = step.stripTrailingZeros().unscaledValue();
            BigInteger denominator =
                    BigInteger.TEN.pow(step.stripTrailingZeros().scale());
            divisor = numerator.divide(numerator.gcd(denominator));
        }
        if (divisor.signum() <= 0 || divisor.bitLength() > 31 || divisor.intValue() > MOST_DIVISOR) {
            throw new GuideException(
                    "'multipleOf' must be a positive number that is a multiple of its last digit's place by at most "
                            + MOST_DIVISOR + " times");
        }
        int d = divisor.intValue();
        // State: digits behind the point so far (or before it), and what is read, modulo d.
        Automaton.Builder automaton = new Automaton.Builder();
        int width = d;
        int begin = automaton.createState();
        int[] first = new int[fraction + 1];
        for (int f = 0; f <= fraction; f++) {
            for (int r = 0; r < width; r++) {
                int state = automaton.createState();
                if (r == 0) {
                    first[f] = state;
                }
            }
        }
        int[] point = new int[width];
        for (int r = 0; r < width && fraction > 0; r++) {
            point[r] = automaton.createState();
        }
        long[] pad = new long[fraction + 1];
        pad[fraction] = 1 % d;
        for (int f = fraction - 1; f >= 0; f--) {
            pad[f] = pad[f + 1] * 10 % d;
        }
        automaton.addTransition(begin, begin, '-');
        for (int c = 0; c <= 9; c++) {
            automaton.addTransition(begin, first[0] + c % d, '0' + c);
        }
        for (int f = 0; f <= fraction; f++) {
            for (int r = 0; r < width; r++) {
                int state = first[f] + r;
                automaton.setAccept(state, r * pad[f] % d == 0);
                for (int c = 0; c <= 9; c++) {
                    int next = (int) ((r * 10L + c) % d);
                    if (f == 0) {
                        automaton.addTransition(state, first[0] + next, '0' + c);
                    } else if (f < fraction) {
                        automaton.addTransition(state, first[f + 1] + next, '0' + c);
                    }
                    if (f == 0 && fraction > 0) {
                        automaton.addTransition(point[r], first[1] + next, '0' + c);
                    }
                }
                if (f == 0 && fraction > 0) {
                    automaton.addTransition(state, point[r], '.');
                }
            }
        }
        Automaton result = automaton.finish();
        limits.states(result.getNumStates());
        return result;
    }
}
