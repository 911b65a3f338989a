package dev.kvasir.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void alignsTheFirstColumnLeftAndTheOthersRight() {
        TextTable table = new TextTable("what", "n", "").row("a", "10", "").row("longer", "9", "x");
        assertThat(table).hasToString("what     n\na       10\nlonger   9  x\n");
    }

    @Test
    void refusesALineThatDoesNotFitItsHeadings() {
        assertThatThrownBy(() -> new TextTable("a", "b").row("1")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesNumbersTheSameEverywhereAndADashForNone() {
        assertThat(TextTable.number(1234567.891, 2)).isEqualTo("1,234,567.89");
        assertThat(TextTable.number(Double.NaN, 2)).isEqualTo("-");
    }
}
