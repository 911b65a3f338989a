package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuestionTest {
    private static final Turn USER = Turn.of(Role.USER, "Do f.");

    @Test
    void theLastTurnIsTheExpectedReply() {
        QuestionSet echo = QuestionSets.of(TinyTasks.echo()).named(List.of()).get(0);
        Question question = QuestionSets.draw(echo, 1, 1).get(0);
        assertThat(question.promptText()).isEqualTo("user: Say " + question.expected());
        assertThat(question.hasPassages()).isFalse();
    }

    @Test
    void toolsStandInTheSystemTurn() {
        Question alone = Question.of(TinyTasks.toolCall(List.of(USER)));
        assertThat(alone.promptText())
                .isEqualTo("system: Tools:\nDoes f. {\"name\": \"f\", \"arguments\": {\"x\": integer}}\n\nuser: Do f.");
        Question behind = Question.of(TinyTasks.toolCall(List.of(Turn.of(Role.SYSTEM, "Be brief."), USER)));
        assertThat(behind.promptText())
                .isEqualTo(
                        "system: Be brief.\nTools:\nDoes f. {\"name\": \"f\", \"arguments\": {\"x\": integer}}\n\nuser: Do f.");
    }

    @Test
    void questionsDependOnSeedAndSetAlone() {
        QuestionSets sets = QuestionSets.of(TinyTasks.echo(), TinyTasks.passages());
        QuestionSet echo = sets.named(List.of("where", "echo", "echo")).get(1);
        assertThat(QuestionSets.draw(echo, 7, 20))
                .isEqualTo(QuestionSets.draw(sets.named(List.of()).get(0), 7, 20));
        assertThat(QuestionSets.draw(echo, 7, 5))
                .isEqualTo(QuestionSets.draw(echo, 7, 20).subList(0, 5));
        assertThat(QuestionSets.draw(echo, 8, 20)).isNotEqualTo(QuestionSets.draw(echo, 7, 20));
        assertThatThrownBy(() -> sets.named(List.of("two-hop"))).hasMessage("--set two-hop is none of echo, where");
    }
}
