package dev.kvasir.benchmarks.turns;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TurnsCommandTest {
    private static final int SEGMENT = 16;

    @TempDir
    private Path folder;

    private final StringWriter err = new StringWriter();

    private int execute(CachingServer server, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--url=" + server.url(),
                "--conversations=5",
                "--turns=4",
                "--concurrency=3",
                "--first-tokens=50",
                "--new-tokens=21",
                "--reply-tokens=7",
                "--segment-tokens=" + SEGMENT,
                "--vocab=500",
                "--json=" + folder.resolve("turns.json")));
        arguments.addAll(List.of(more));
        return new CommandLine(new TurnsCommand())
                .setOut(new PrintWriter(new StringWriter()))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
    }

    private JsonNode result() throws IOException {
        return new ObjectMapper()
                .readTree(folder.resolve("turns.json").toFile())
                .path("result");
    }

    @Test
    void aServerThatRemembersEveryWholeSegmentComputesNothingThatIsAvoidable() throws IOException {
        try (CachingServer server = new CachingServer(SEGMENT, 1)) {
            assertThat(execute(server, "--check")).as(err.toString()).isZero();
            JsonNode result = result();
            assertThat(result.path("turns").asInt()).isEqualTo(20);
            // Prompts of 50, 78, 106 and 134 tokens.
            assertThat(result.path("promptTokens").asInt()).isEqualTo(5 * (50 + 78 + 106 + 134));
            assertThat(result.path("computed").asInt()).isEqualTo(5 * (50 + 30 + 26 + 22));
            assertThat(result.path("overUnavoidablePercent").asDouble()).isZero();
            assertThat(result.path("differingReplies").asInt()).isZero();
            assertThat(result.at("/withoutCache/cachedByTier")).isEmpty();
            assertThat(result.at("/ttftMs/host/turns").asInt()).isEqualTo(15);
            assertThat(result.at("/ttftMs/none/turns").asInt()).isEqualTo(5);
        }
    }

    @Test
    void whatAServerForgetsIsCounted() throws IOException {
        try (CachingServer server = new CachingServer(SEGMENT, 1)) {
            server.forgetHalf();
            assertThat(execute(server)).as(err.toString()).isZero();
            // Of 48, 80 and 112 tokens that could be reused it finds 16, 32 and 48.
            assertThat(result().path("computed").asInt()
                            - result().path("unavoidable").asInt())
                    .isEqualTo(5 * (32 + 48 + 64));
            assertThat(result().path("missedOfSavablePercent").asDouble()).isEqualTo(60);
        }
    }

    @Test
    void repliesOfAnotherModelAreNoticed() throws IOException {
        try (CachingServer server = new CachingServer(SEGMENT, 1);
                CachingServer other = new CachingServer(SEGMENT, 2)) {
            assertThat(execute(server, "--check-url=" + other.url())).isEqualTo(1);
            assertThat(result().path("differingReplies").asInt()).isEqualTo(20);
        }
    }

    @Test
    void theLastTokenOfAReplyAndAPartialSegmentAreUnavoidable() {
        Turn turn = new Turn(0, 1, new int[100], 64, new int[7], 100, Map.of("disk", 32, "device", 16), 5);
        assertThat(turn.unavoidable(SEGMENT)).isEqualTo(100 - 48);
        assertThat(turn.computed()).isEqualTo(52);
        assertThat(new Turn(0, 0, new int[100], 0, new int[7], 100, Map.of(), 5).unavoidable(SEGMENT))
                .isEqualTo(100);
    }
}
