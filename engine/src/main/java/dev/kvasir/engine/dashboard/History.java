package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The last hour of every series, a value a second, in constant memory. Thread-safe. */
final class History {
    /*
     * A page gets the last minutes by the second and the whole hour by means of ten: sixteen series an hour long by the second would be more
     * than a page can draw, and more than it should be sent.
     */
    static final int SECONDS = 3600;
    static final int FINE = 300;
    static final int STEP = 10;

    private final Map<Series, float[]> rings = new EnumMap<>(Series.class);
    private long ticks;

    History() {
        for (Series series : Series.values()) {
            float[] ring = new float[SECONDS];
            Arrays.fill(ring, Float.NaN);
            rings.put(series, ring);
        }
    }

    /** Adds a second. NaN says that there is no value. */
    synchronized void add(ToDoubleFunction<Series> values) {
        int at = (int) (ticks % SECONDS);
        rings.forEach((series, ring) -> ring[at] = (float) values.applyAsDouble(series));
        ticks++;
    }

    /** Returns the last hour: {@code fine}, a value a second, and {@code hour}, means of {@code step} seconds, oldest first and the newest last. */
    synchronized ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("step", STEP);
        ObjectNode fine = json.putObject("fine");
        ObjectNode hour = json.putObject("hour");
        rings.forEach((series, ring) -> {
            write(fine.putArray(series.key), ring, FINE, 1);
            write(hour.putArray(series.key), ring, SECONDS, STEP);
        });
        return json;
    }

    private void write(ArrayNode array, float[] ring, int seconds, int step) {
        // Steps end where the clock's tens do, so that a mean doesn't change from one page to the next.
        long end = ticks - ticks % step;
        long begin = Math.max(0, Math.max(end - seconds, ticks - SECONDS));
        begin += (step - begin % step) % step;
        for (long from = begin; from < end; from += step) {
            double sum = 0;
            int count = 0;
            for (long tick = from; tick < from + step; tick++) {
                float value = ring[(int) (tick % SECONDS)];
                if (!Float.isNaN(value)) {
                    sum += value;
                    count++;
                }
            }
            if (count == 0) {
                array.addNull();
            } else {
                array.add(Numbers.of(sum / count));
            }
        }
    }
}
