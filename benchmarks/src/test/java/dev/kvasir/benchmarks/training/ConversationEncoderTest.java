package dev.kvasir.benchmarks.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.benchmarks.training.Example.Reply;
import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.ToolSpec;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import dev.kvasir.benchmarks.training.corpus.notes.TwoHopTask;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.template.JinjaChatTemplate;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConversationEncoderTest {
    @TempDir
    private static Path folder;

    private static Tokenizer tokenizer;
    private static ChatTemplate template;

    @BeforeAll
    static void learn() throws IOException {
        TokenizerLearner.write(folder, 1);
        tokenizer = HfTokenizer.load(folder);
        template = JinjaChatTemplate.load(folder, null, Clock.systemUTC()).orElseThrow();
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @RandomizedTest
    void trainsOnWhatTheServerMakesOfTheSameMessages(SplittableRandom random) throws TemplateException {
        ConversationEncoder encoder = new ConversationEncoder(tokenizer);
        for (Task task : Curriculum.tasks()) {
            for (int i = 0; i < 30; i++) {
                Conversation conversation = task.next(random, Split.TRAINING);
                assertThat(encoder.encode(conversation).tokens())
                        .as(task.name())
                        .isEqualTo(tokenizer.encode(rendered(conversation), false));
            }
        }
    }

    @RandomizedTest
    void learnsWhatTheAssistantSaysAndTheEndOfIt(SplittableRandom random) {
        ConversationEncoder encoder = new ConversationEncoder(tokenizer);
        for (Task task : Curriculum.tasks()) {
            Conversation conversation = task.next(random, Split.TRAINING);
            Example example = encoder.encode(conversation);
            List<String> said = conversation.turns().stream()
                    .filter(turn -> turn.role() == Role.ASSISTANT)
                    .map(turn -> turn.text() + "<|end|>")
                    .toList();
            assertThat(example.replies())
                    .extracting(reply -> tokenizer.decode(part(example, reply), false))
                    .isEqualTo(said);
        }
    }

    @RandomizedTest
    void onlyWhatFollowsThePassagesIsBlindToUnseenOnes(SplittableRandom random) {
        ConversationEncoder encoder = new ConversationEncoder(tokenizer);
        for (int i = 0; i < 50; i++) {
            Conversation conversation = new TwoHopTask(2, 4, 4, 1).next(random, Split.TRAINING);
            Example example = encoder.encode(conversation);
            StringBuilder unseen = new StringBuilder();
            conversation.turns().stream()
                    .flatMap(turn -> turn.parts().stream())
                    .filter(part -> conversation.unseenPassages().contains(part.passage()))
                    .forEach(part -> unseen.append(part.text()));
            assertThat(tokenizer.decode(ofGroup(example, Example.UNSEEN), false))
                    .isEqualTo(unseen.toString());
            int firstBlind = 0;
            while (example.groups()[firstBlind] != Example.BLIND) {
                firstBlind++;
            }
            for (int token = 0; token < example.tokens().length; token++) {
                assertThat(example.groups()[token] == Example.BLIND).isEqualTo(token >= firstBlind);
            }
            int[] rest = Arrays.copyOfRange(example.tokens(), firstBlind, example.tokens().length);
            Turn asked = conversation.turns().stream()
                    .filter(turn -> turn.role() == Role.USER)
                    .findFirst()
                    .orElseThrow();
            assertThat(tokenizer.decode(rest, false))
                    .startsWith(asked.parts().get(asked.parts().size() - 1).text() + "<|end|>");
        }
    }

    @Test
    void everyWordThatAQuestionIsAboutIsOneToken() {
        for (String word : Words.LOOKED_UP) {
            assertThat(tokenizer.encode(" " + word, false)).as(word).hasSize(1);
        }
    }

    @RandomizedTest
    void nearlyEveryWordOfTheCorpusIsOneToken(SplittableRandom random) {
        int words = 0;
        int tokens = 0;
        for (Task task : Curriculum.tasks()) {
            for (int i = 0; i < 30; i++) {
                for (Turn turn : task.next(random, Split.TRAINING).turns()) {
                    Matcher word = Pattern.compile(" \\p{L}+").matcher(turn.text());
                    while (word.find()) {
                        words++;
                        tokens += tokenizer.encode(word.group(), false).length;
                    }
                }
            }
        }
        assertThat((double) tokens / words).isLessThan(1.02);
    }

    @RandomizedTest
    void anyTextCanBeEncoded(SplittableRandom random) {
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            random.ints(20, 0, 0x10000)
                    .filter(c -> Character.isDefined(c) && !Character.isSurrogate((char) c))
                    .forEach(text::appendCodePoint);
            assertThat(tokenizer.decode(tokenizer.encode(text.toString(), false), false))
                    .isEqualTo(text.toString());
        }
    }

    private static int[] part(Example example, Reply reply) {
        return Arrays.copyOfRange(example.tokens(), reply.from(), reply.to());
    }

    private static int[] ofGroup(Example example, byte group) {
        IntBuilder tokens = new IntBuilder();
        for (int i = 0; i < example.tokens().length; i++) {
            if (example.groups()[i] == group) {
                tokens.add(example.tokens()[i]);
            }
        }
        return tokens.toArray();
    }

    private static String rendered(Conversation conversation) throws TemplateException {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (Turn turn : conversation.turns()) {
            messages.add(message(turn));
        }
        Map<String, Object> variables = conversation.tools().isEmpty()
                ? Map.of()
                : Map.of(
                        "tools",
                        conversation.tools().stream()
                                .map(ConversationEncoderTest::schema)
                                .toList());
        return template.render(messages, variables, false);
    }

    /** A call as the API has it: apart from the content. */
    private static Map<String, Object> message(Turn turn) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", turn.role().apiName());
        String prefix = "<tool_call>{\"name\": \"";
        if (turn.text().startsWith(prefix)) {
            String middle = "\", \"arguments\": ";
            int split = turn.text().indexOf(middle);
            message.put(
                    "tool_calls",
                    List.of(Map.of(
                            "function",
                            Map.of(
                                    "name",
                                    turn.text().substring(prefix.length(), split),
                                    "arguments",
                                    turn.text()
                                            .substring(
                                                    split + middle.length(),
                                                    turn.text().length() - "}</tool_call>".length())))));
        } else {
            message.put("content", turn.text());
        }
        return message;
    }

    private static Map<String, Object> schema(ToolSpec tool) {
        Map<String, Object> properties = new LinkedHashMap<>();
        tool.parameters().forEach(parameter -> properties.put(parameter.name(), Map.of("type", parameter.type())));
        return Map.of(
                "type",
                "function",
                "function",
                Map.of(
                        "name",
                        tool.name(),
                        "description",
                        tool.description(),
                        "parameters",
                        Map.of("type", "object", "properties", properties)));
    }
}
