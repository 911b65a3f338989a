package dev.kvasir.engine.metrics;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Times of the requests of about the last minute, in constant memory. {@link #record} is for any thread; everything else is for one thread,
 * which calls {@link #tick} once a second.
 */
public final class Latencies {
    /** What is timed. */
    public enum Kind {
        /** Arrival to first token. */
        FIRST_TOKEN,
        /** Between two tokens. */
        INTER_TOKEN,
        /** Arrival to end. */
        END_TO_END
    }

    private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
    private static final int DIGITS = 2; // within 1 %
    private static final int PARTS = 6;
    private static final int TICKS_OF_PART = 10;

    private final Map<Kind, Window> windows = new EnumMap<>(Kind.class);
    private int ticks;

    /** A minute in parts, the oldest of which is dropped when a new one begins. */
    private static final class Window {
        final Recorder recorder = new Recorder(1, LONGEST_MICROS, DIGITS);
        final Histogram[] parts = new Histogram[PARTS];
        final Histogram sum = new Histogram(1, LONGEST_MICROS, DIGITS);
        Histogram spare = recorder.getIntervalHistogram();
        int part;

        Window() {
            for (int i = 0; i < PARTS; i++) {
                parts[i] = new Histogram(1, LONGEST_MICROS, DIGITS);
            }
        }

        void tick(boolean nextPart) {
            if (nextPart) {
                part = (part + 1) % PARTS;
                parts[part].reset();
            }
            spare = recorder.getIntervalHistogram(spare);
            parts[part].add(spare);
            sum.reset();
            for (Histogram histogram : parts) {
                sum.add(histogram);
            }
        }
    }

    public Latencies() {
        for (Kind kind : Kind.values()) {
            windows.put(kind, new Window());
        }
    }

    /** Records a time; one of more than an hour counts as an hour. */
    public void record(Kind kind, long nanos) {
        long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
        window(kind).recorder.recordValue(Math.max(1, Math.min(micros, LONGEST_MICROS)));
    }

    /** Takes in what was recorded since the last call. */
    public void tick() {
        boolean nextPart = ticks % TICKS_OF_PART == 0;
        ticks++;
        windows.values().forEach(window -> window.tick(nextPart));
    }

    /** Returns a percentile in nanoseconds, as of the last tick; empty if there was nothing. */
    public OptionalLong percentileNanos(Kind kind, double percentile) {
        Histogram sum = window(kind).sum;
        return sum.getTotalCount() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(TimeUnit.MICROSECONDS.toNanos(sum.getValueAtPercentile(percentile)));
    }

    private Window window(Kind kind) {
        Window window = windows.get(kind);
        if (window == null) {
            throw new IllegalStateException("nothing times " + kind);
        }
        return window;
    }
}
