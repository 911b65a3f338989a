package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.reference.Visibility;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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
