package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.benchmarks.evaluation.PassageModel.Verdict;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.Visibility;
import dev.kvasir.runner.reference.Weights;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PassagesCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int execute(QuestionSets sets, String... arguments) {
        return new CommandLine(new PassagesCommand(sets))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void passagesSeeWhatTheyMayAndTheRestSeesAll() {
        int none = Part.NO_PASSAGE;
        // prefix, two passages with a separator between them, question
        int[] passages = {none, 0, 0, none, 1, 1, none};
        assertThat(seen(PassageAttention.FULL, passages)).isEqualTo("0 01 012 0123 01234 012345 0123456");
        assertThat(seen(PassageAttention.OWN_AND_PREFIX, passages)).isEqualTo("0 01 012 0123 04 045 0123456");
        assertThat(seen(PassageAttention.OWN, passages)).isEqualTo("0 1 12 0123 4 45 0123456");
        int[] without = {none, none};
        assertThat(seen(PassageAttention.OWN_AND_PREFIX, without)).isEqualTo("0 01");
    }

    private static String seen(PassageAttention attention, int[] passages) {
        Visibility visibility = attention.over(passages);
        return IntStream.range(0, passages.length)
                .mapToObj(query -> IntStream.rangeClosed(0, query)
                        .filter(key -> visibility.sees(query, key))
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining()))
                .collect(Collectors.joining(" "));
    }

    @Test
    void asksEverySetWithPassagesThreeTimes() throws IOException {
        Path model = SyntheticModel.tiny(Family.LLAMA).seed(3).write(folder.resolve("tiny"));
        QuestionSets sets = QuestionSets.of(TinyTasks.echo(), TinyTasks.passages());
        Path json = folder.resolve("passages.json");
        assertThat(execute(
                        sets,
                        "--model",
                        model.toString(),
                        "--questions",
                        "3",
                        "--show-wrong",
                        "1",
                        "--json",
                        json.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString())
                .contains(
                        "everything before",
                        "own passage and prefix",
                        "[where, passages see own passage]\nsystem: Answer")
                .doesNotContain("echo");
        JsonNode results = new ObjectMapper().readTree(json.toFile()).path("results");
        assertThat(results).hasSize(3).allMatch(result -> result.path("answers").asInt() == 3);
        assertThat(results.path(1).path("passagesSee").asText()).isEqualTo("own_and_prefix");
        assertThat(results.path(2).path("rightByQuestion")).hasSize(3);
    }

    @Test
    void countsTheQuestionsThatTheCutDecides() {
        PassageResult full = result(PassageAttention.FULL, true, true, false, true);
        PassageResult cut = result(PassageAttention.OWN, false, true, true, false);
        assertThat(full.rightUnlike(cut)).isEqualTo(2);
        assertThat(cut.rightUnlike(full)).isEqualTo(1);
        assertThat(PassageReport.text(List.of(full, cut), 1))
                .containsPattern("everything before +4 +3 +75.0 +30.1 to 95.4 +0 +0\n")
                .containsPattern("own passage +4 +2 +50.0 +15.0 to 85.0 +2 +1\n")
                .contains("got so far: nothing");
    }

    private static PassageResult result(PassageAttention attention, boolean... rights) {
        List<Question> questions = QuestionSets.draw(
                QuestionSets.of(TinyTasks.passages()).named(List.of()).get(0), 1, rights.length);
        List<Verdict> verdicts = new ArrayList<>();
        for (boolean right : rights) {
            verdicts.add(new Verdict(right, "nothing"));
        }
        return new PassageResult("where", attention, questions, verdicts);
    }

    @Test
    void whatAPassageSaysReachesNoOtherWhenTheyAreCutApart() throws IOException {
        Path directory = SyntheticModel.tiny(Family.LLAMA).seed(3).write(folder.resolve("tiny"));
        ModelDirectory opened = ModelDirectory.open(directory);
        ReferenceModel reference = new ReferenceModel(opened.config(), Weights.of(opened.checkpoint()));
        try (PassageModel model = new PassageModel(directory)) {
            TokenisedQuestion one = model.tokenise(asking("Anna has 1.\n"));
            TokenisedQuestion other = model.tokenise(asking("Anna has 7.\n"));
            assertThat(other.passages()).isEqualTo(one.passages());
            for (PassageAttention attention : PassageAttention.values()) {
                double[][] logits = reference.logits(one.tokens(), 0, attention.over(one.passages()));
                double[][] otherLogits = reference.logits(other.tokens(), 0, attention.over(other.passages()));
                for (int t = 0; t < logits.length; t++) {
                    boolean reached = !Arrays.equals(logits[t], otherLogits[t]);
                    boolean isSecond = one.passages()[t] == 1;
                    boolean isBehind = t >= one.promptTokens();
                    assertThat(reached && isSecond)
                            .as(attention + " " + t)
                            .isEqualTo(isSecond && attention == PassageAttention.FULL);
                    assertThat(reached || !isBehind).isTrue();
                }
            }
        }
    }

    private static Question asking(String first) {
        Turn user = new Turn(
                Role.USER,
                List.of(new Part(first, 0), new Part("Bert has 3.\n", 1), new Part("Who?", Part.NO_PASSAGE)));
        return new Question(List.of(user), "Bert.");
    }

    @Test
    void saysWhatMakesNoSense() throws IOException {
        Path model = SyntheticModel.tiny(Family.LLAMA).write(folder.resolve("tiny"));
        QuestionSets sets = QuestionSets.of(TinyTasks.echo(), TinyTasks.passages());
        assertThat(execute(sets, "--model", model.toString(), "--set", "echo")).isEqualTo(2);
        assertThat(err.toString()).contains("--set echo has no passages");
        assertThat(execute(sets, "--model", model.toString(), "--questions", "0"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--questions must be at least 1");
        assertThat(execute(sets, "--model", model.toString(), "--threads", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--threads must be at least 1");
        assertThat(execute(sets, "--model", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(err.toString()).contains("none is not a directory");
        assertThat(execute(sets)).isEqualTo(2);
        assertThat(err.toString()).contains("--model");
    }
}
