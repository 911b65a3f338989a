package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccuracyTest {
    // Worked out by hand from the formula's other form, (2np + z² ± z sqrt(z² + 4np(1-p))) / 2(n + z²).
    @ParameterizedTest
    @CsvSource({"0,10,0,0.2775", "5,10,0.2366,0.7634", "10,10,0.7225,1", "450,500,0.8706,0.9233", "1,1,0.2065,1"})
    void hasWilsonsInterval(int right, int answers, double low, double high) {
        Accuracy accuracy = new Accuracy(right, answers);
        assertThat(accuracy.low()).isEqualTo(low, within(5e-5));
        assertThat(accuracy.high()).isEqualTo(high, within(5e-5));
        assertThat(accuracy.share()).isBetween(accuracy.low(), accuracy.high());
    }

    @Test
    void isUnknownWithoutAnswers() {
        Accuracy none = new Accuracy(0, 0);
        assertThat(none.percent()).isEqualTo("-");
        assertThat(none.interval()).isEqualTo("- to -");
        assertThatThrownBy(() -> new Accuracy(2, 1)).hasMessage("2 of 1 can't be right");
    }
}
