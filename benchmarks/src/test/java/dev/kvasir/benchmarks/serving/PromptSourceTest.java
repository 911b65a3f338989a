package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PromptSourceTest {
    private static final PromptShape PLAIN = new PromptShape(50, 0, 1);

    private static PromptSource ids(PromptShape shape, long seed) {
        return new PromptSource(TokenMaterial.below(500), shape, seed);
    }

    @Test
    void aPromptDependsOnSeedAndIndexAlone() {
        assertThat(ids(PLAIN, 1).prompt(7)).isEqualTo(ids(PLAIN, 1).prompt(7));
        assertThat(ids(PLAIN, 1).prompt(7)).isNotEqualTo(ids(PLAIN, 2).prompt(7));
        Set<JsonNode> prompts = new HashSet<>();
        for (int index = 0; index < 1000; index++) {
            prompts.add(ids(PLAIN, 1).prompt(index));
        }
        assertThat(prompts).hasSize(1000);
    }

    @Test
    void tokenIdsAreAsManyAsAskedForAndWithinBounds() {
        JsonNode prompt = ids(new PromptShape(300, 200, 2), 1).prompt(0);
        assertThat(prompt).hasSize(500).allMatch(id -> id.asInt() >= 3 && id.asInt() < 500);
    }

    @Test
    void promptsOfAGroupShareTheirPrefixAndNothingMore() {
        PromptSource source = ids(new PromptShape(20, 30, 4), 1);
        for (int a = 0; a < 40; a++) {
            for (int b = 0; b < a; b++) {
                int common = commonPrefix(source.prompt(a), source.prompt(b));
                if (source.group(a) == source.group(b)) {
                    assertThat(common).isBetween(30, 35);
                } else {
                    assertThat(common).isLessThan(6);
                }
            }
        }
    }

    @Test
    void everyGroupGetsItsShare() {
        int[] sizes = new int[4];
        PromptSource source = ids(new PromptShape(1, 1, 4), 1);
        for (int index = 0; index < 4000; index++) {
            sizes[source.group(index)]++;
        }
        for (int size : sizes) {
            assertThat(size).isBetween(850, 1150); // over five sigma
        }
    }

    @Test
    void wordsAreAsManyAsTheTokenizersRateAsksFor() {
        JsonNode prompt = new PromptSource(new WordMaterial(2.5), PLAIN, 1).prompt(0);
        assertThat(prompt.asText().split(" ")).hasSize(20).allMatch(word -> word.matches("[a-z]{4,6}"));
    }

    @Test
    void textPromptsOfAGroupBeginWithTheSameText() {
        PromptSource source = new PromptSource(new WordMaterial(1), new PromptShape(5, 7, 1), 1);
        String first = source.prompt(0).asText();
        String prefix = first.substring(0, first.indexOf("\n\n") + 2);
        assertThat(prefix.trim().split(" ")).hasSize(7);
        assertThat(source.prompt(1).asText()).startsWith(prefix).isNotEqualTo(first);
    }

    @Test
    void refusesMaterialOfWhichNoTwoPromptsCanBeMade() {
        assertThatThrownBy(() -> new TokenMaterial(5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new WordMaterial(0)).isInstanceOf(IllegalArgumentException.class);
        assertThat(PseudoWords.text(0, new SplittableRandom(1))).isEmpty();
    }

    private static int commonPrefix(JsonNode a, JsonNode b) {
        int length = 0;
        while (length < a.size() && a.get(length).equals(b.get(length))) {
            length++;
        }
        return length;
    }
}
