package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** The last hour, and nothing before it. */
class HistoryTest {
    private static JsonNode running(History history, String which) {
        return history.json().path(which).path(Series.RUNNING.key);
    }

    @Test
    void hasTheLastMinutesByTheSecondAndTheHourByMeans() {
        History history = new History();
        for (int second = 0; second < 2 * History.SECONDS + 5; second++) {
            double value = second;
            history.add(series -> value);
        }
        JsonNode fine = running(history, "fine");
        JsonNode hour = running(history, "hour");
        assertThat(fine.size()).isEqualTo(History.FINE);
        assertThat(fine.get(History.FINE - 1).asInt()).isEqualTo(2 * History.SECONDS + 4);
        assertThat(fine.get(0).asInt()).isEqualTo(2 * History.SECONDS + 5 - History.FINE);
        assertThat(hour.size()).isEqualTo(History.SECONDS / History.STEP - 1); // whole means alone
        assertThat(hour.get(hour.size() - 1).asInt()).isCloseTo(2 * History.SECONDS - 5, Offset.offset(1));
    }

    @Test
    void knowsWhereThereWasNothing() {
        History history = new History();
        for (int second = 0; second < 30; second++) {
            double value = second < 20 ? Double.NaN : 1.23456;
            history.add(series -> value);
        }
        assertThat(running(history, "hour").toString()).isEqualTo("[null,null,1.23]");
        assertThat(running(history, "fine").get(0).isNull()).isTrue();
        assertThat(running(history, "fine").size()).isEqualTo(30);
    }

    @Test
    void anHourFitsOneEvent() {
        History history = new History();
        for (int second = 0; second < History.SECONDS; second++) {
            double value = 1234.5678 * Math.sin(second);
            history.add(series -> value);
        }
        assertThat(history.json().toString().length()).isLessThan(80_000);
    }
}
