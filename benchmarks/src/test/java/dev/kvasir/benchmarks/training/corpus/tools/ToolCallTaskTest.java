package dev.kvasir.benchmarks.training.corpus.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.ToolListing;
import dev.kvasir.benchmarks.training.corpus.ToolSpec;
import dev.kvasir.benchmarks.training.corpus.ToolSpec.Parameter;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.testing.RandomizedTest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ToolCallTaskTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SAMPLES = 500;

    @RandomizedTest
    void everyCallIsOfAnOfferedToolWithWhatTheUserSaid(SplittableRandom random) throws JsonProcessingException {
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new ToolCallTask().next(random, i % 2 == 0 ? Split.TRAINING : Split.HELD_OUT);
            String said = "";
            for (Turn turn : conversation.turns()) {
                if (turn.role() == Role.USER) {
                    said = turn.text();
                } else if (turn.text().startsWith("<tool_call>")) {
                    checkCall(conversation.tools(), said, turn.text());
                } else if (turn.role() == Role.TOOL) {
                    assertThat(JSON.readTree(turn.text()).isObject()).isTrue();
                }
                assertThat(turn.text()).doesNotContain("%");
            }
        }
    }

    private static void checkCall(List<ToolSpec> tools, String said, String call) throws JsonProcessingException {
        JsonNode json = JSON.readTree(call.substring("<tool_call>".length(), call.length() - "</tool_call>".length()));
        ToolSpec tool = tools.stream()
                .filter(offered -> offered.name().equals(json.path("name").textValue()))
                .findFirst()
                .orElseThrow();
        JsonNode arguments = json.path("arguments");
        assertThat(arguments.size()).isEqualTo(tool.parameters().size());
        for (Parameter parameter : tool.parameters()) {
            JsonNode value = arguments.path(parameter.name());
            assertThat(value.isInt() ? "integer" : "string").isEqualTo(parameter.type());
            assertThat(said.split("[ ,.?]+")).contains(value.asText());
        }
    }

    @RandomizedTest
    void heldOutToolsAndRequestsAreNotTrained(SplittableRandom random) {
        Set<String> trained = new HashSet<>();
        Set<String> heldOut = new HashSet<>();
        for (int i = 0; i < SAMPLES; i++) {
            new ToolCallTask().next(random, Split.TRAINING).tools().forEach(tool -> trained.add(tool.name()));
            new ToolCallTask().next(random, Split.HELD_OUT).tools().forEach(tool -> heldOut.add(tool.name()));
        }
        assertThat(heldOut).isNotEmpty().doesNotContainAnyElementsOf(trained);
        // So many that none can be known.
        assertThat(trained).hasSizeGreaterThan(50 * Action.ALL.size());
    }

    @RandomizedTest
    void hintsTellTheToolByWhatItIsFor(SplittableRandom random) {
        for (int i = 0; i < SAMPLES; i++) {
            Conversation conversation = new ToolCallTask().next(random, Split.TRAINING);
            Part listing = ToolListing.part("Be brief.\n", conversation.tools());
            Map<String, String> names = new HashMap<>();
            for (int tool = 0; tool < conversation.tools().size(); tool++) {
                Hint hint = listing.hints().get(tool);
                String name =
                        ToolListing.firstPiece(conversation.tools().get(tool).name());
                assertThat(hint.kind()).isEqualTo(Kind.PERSON);
                assertThat(listing.text().substring(0, hint.at())).endsWith("{\"name\": \"" + name);
                names.put(hint.token(), name);
            }
            Part request = conversation.turns().get(0).parts().get(0);
            assertThat(request.hints())
                    .extracting(Hint::kind, Hint::at)
                    .containsExactly(
                            tuple(Kind.LINKED, request.text().length()),
                            tuple(Kind.ANSWER, request.text().length()));
            String answer = request.hints().get(1).token();
            assertThat(answer).isEqualTo(names.get(request.hints().get(0).token()));
            assertThat(conversation.turns().get(1).text()).startsWith("<tool_call>{\"name\": \"" + answer + "_");
        }
    }

    @Test
    void noTwoActionsHaveANounInCommon() {
        assertThat(Action.ALL.stream().flatMap(action -> action.nouns().stream()))
                .doesNotHaveDuplicates();
    }

    @RandomizedTest
    void offeredToolsHaveDifferentNames(SplittableRandom random) {
        for (int i = 0; i < SAMPLES; i++) {
            assertThat(new ToolCallTask().next(random, Split.TRAINING).tools())
                    .extracting(ToolSpec::name)
                    .doesNotHaveDuplicates();
        }
    }
}
