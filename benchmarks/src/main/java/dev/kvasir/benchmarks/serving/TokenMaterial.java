package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Prompts of token ids, so that their counts are exact. Which ids makes no difference to the time that a step takes.
 */
final class TokenMaterial implements PromptSource.Material {
    /** Vocabularies that begin with special tokens begin with these three or fewer: unknown, begin, end. */
    private static final int FIRST_ORDINARY = 3;

    private final int[] ids;

    /** Draws from these ids, a copy of which is kept. */
    TokenMaterial(int... ids) {
        if (ids.length < 2) {
            throw new IllegalArgumentException("different prompts can't be made of " + ids.length + " token ids");
        }
        this.ids = ids.clone();
    }

    /** Draws from all ids below a bound but the first three. */
    static TokenMaterial below(int vocab) {
        return new TokenMaterial(IntStream.range(FIRST_ORDINARY, vocab).toArray());
    }

    @Override
    public JsonNode part(int tokens, SplittableRandom random) {
        ArrayNode prompt = JsonNodeFactory.instance.arrayNode(tokens);
        for (int i = 0; i < tokens; i++) {
            prompt.add(ids[random.nextInt(ids.length)]);
        }
        return prompt;
    }

    @Override
    public JsonNode join(JsonNode prefix, JsonNode rest) {
        ArrayNode prompt = JsonNodeFactory.instance.arrayNode(prefix.size() + rest.size());
        prefix.forEach(prompt::add);
        rest.forEach(prompt::add);
        return prompt;
    }
}
