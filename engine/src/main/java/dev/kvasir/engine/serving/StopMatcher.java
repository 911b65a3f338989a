package dev.kvasir.engine.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the first stop string in a text that comes in pieces, holding back what may be the beginning of one. Which stop string
 * ends the text doesn't depend on how it was cut into pieces: it is the one that is complete first, and of those the longest.
 */
final class StopMatcher {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private @Nullable String found;

    StopMatcher(List<String> stops) {
        this.stops = stops;
    }

    /** Takes the next piece and returns the text that became certain: what precedes a stop string, or can't be part of one. */
    String next(String piece) {
        if (found != null) {
            return "";
        }
        if (stops.isEmpty()) {
            return piece;
        }
        int checked = held.length();
        held.append(piece);
        for (int end = checked + 1; end <= held.length(); end++) {
            int start = startOfStopThatEndsAt(end);
            if (start >= 0) {
                found = held.substring(start, end);
                return held.substring(0, start);
            }
        }
        return take(held.length() - longestBeginning());
    }

    /** Returns what was held back: the text is over and no stop string came of it. */
    String finish() {
        return found != null ? "" : take(held.length());
    }

    /** Returns whether a stop string was found. */
    boolean isMatched() {
        return found != null;
    }

    /** Returns the stop string that was found; null where none was. */
    @Nullable
    String found() {
        return found;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }

    private int startOfStopThatEndsAt(int end) {
        int first = -1;
        for (String stop : stops) {
            int start = end - stop.length();
            if (start >= 0 && (first < 0 || start < first) && matches(stop, start, stop.length())) {
                first = start;
            }
        }
        return first;
    }

    /** Returns the length of the longest end of the held text with which a stop string could begin. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (matches(stop, held.length() - length, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean matches(String stop, int start, int length) {
        for (int i = length - 1; i >= 0; i--) {
            if (held.charAt(start + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
