package dev.kvasir.runner.guided;

import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import org.apache.lucene.util.automaton.Automaton;

/**
 * The decimal numbers of a range. A number of given length is compared digit by digit: {@code tightLow} while it equals the lower bound so far, {@code
 * tightHigh} while it equals the upper one. Digits behind the point that aren't written count as zeros.
 */
final class DigitRange {
    private final String low; // both bounds with the same number of digits, `scale` of them behind the point
    private final String high;
    private final int whole; // digits before the point
    private final int scale;
    private final Automaton.Builder automaton = new Automaton.Builder();
    private final Map<Key, Integer> states = new HashMap<>();

    /** @param at digits that are decided */
    private record Key(int at, boolean tightLow, boolean tightHigh, boolean begun) {}

    /** @param least in units of the last place, not negative */
    DigitRange(BigInteger least, BigInteger most, int scale) {
        int digits = Math.max(most.toString().length(), scale + 1);
        this.low = pad(least, digits);
        this.high = pad(most, digits);
        this.whole = digits - scale;
        this.scale = scale;
    }

    private static String pad(BigInteger value, int digits) {
        String text = value.toString();
        return "0".repeat(digits - text.length()) + text;
    }

    Automaton automaton() {
        int start = automaton.createState();
        states.put(new Key(0, true, true, false), start);
        before(start, 0, true, true);
        return automaton.finish();
    }

    /** Leaves leading zeros unwritten: from the start one goes on at each place with a first digit that isn't zero, or at the last one with any. */
    private void before(int start, int at, boolean tightLow, boolean tightHigh) {
        boolean lowStays = tightLow;
        boolean highStays = tightHigh;
        for (int place = at; place < whole; place++) {
            for (int digit = place == whole - 1 ? 0 : 1; digit <= 9; digit++) {
                digit(start, place, lowStays, highStays, digit);
            }
            // This place is an unwritten zero.
            if (lowStays && low.charAt(place) > '0') {
                return;
            }
            highStays = highStays && high.charAt(place) == '0';
        }
    }

    private void digit(int from, int place, boolean tightLow, boolean tightHigh, int digit) {
        int l = low.charAt(place) - '0';
        int h = high.charAt(place) - '0';
        if ((tightLow && digit < l) || (tightHigh && digit > h)) {
            return;
        }
        int to = state(place + 1, tightLow && digit == l, tightHigh && digit == h);
        automaton.addTransition(from, to, '0' + digit);
    }

    private int state(int at, boolean tightLow, boolean tightHigh) {
        Key key = new Key(at, tightLow, tightHigh, true);
        Integer known = states.get(key);
        if (known != null) {
            return known;
        }
        int state = automaton.createState();
        states.put(key, state);
        if (at >= whole) {
            automaton.setAccept(state, !tightLow || zerosFrom(low, at));
        }
        if (at < whole) {
            for (int digit = 0; digit <= 9; digit++) {
                digit(state, at, tightLow, tightHigh, digit);
            }
        } else if (at == whole && scale > 0) {
            int point = automaton.createState();
            automaton.addTransition(state, point, '.');
            for (int digit = 0; digit <= 9; digit++) {
                digit(point, at, tightLow, tightHigh, digit);
            }
        } else if (at < whole + scale) {
            for (int digit = 0; digit <= 9; digit++) {
                digit(state, at, tightLow, tightHigh, digit);
            }
        }
        return state;
    }

    private static boolean zerosFrom(String digits, int at) {
        for (int i = at; i < digits.length(); i++) {
            if (digits.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }
}
