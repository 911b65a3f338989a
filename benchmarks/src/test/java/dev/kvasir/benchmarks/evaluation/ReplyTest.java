package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "red|red|true",
                "` red\n`|red|true",
                "red.|red|false",
                "Red|red|false",
                "the red one|red|false",
                "``|red|false",
                "<tool_call>{\"arguments\":{\"b\":2,\"a\":1},\"name\":\"f\"}</tool_call>"
                        + "|<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": 2}}</tool_call>|true",
                "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"1\"}}</tool_call>"
                        + "|<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>|false",
                "<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>"
                        + "|<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>|false",
                "<tool_call>{\"name\": \"f\", \"arguments\": {}} {}</tool_call>"
                        + "|<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>|false",
                "{\"name\": \"f\", \"arguments\": {}}|<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>|false",
                "<tool_call>|<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>|false",
                "<tool_call></tool_call>|<tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>|false",
                "<tool_call>nothing|<tool_call>nothing|true"
            })
    void isJudgedAsAWhole(String reply, String expected, boolean isRight) {
        assertThat(Reply.isRight(reply, expected)).isEqualTo(isRight);
    }
}
