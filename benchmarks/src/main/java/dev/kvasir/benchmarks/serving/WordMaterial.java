package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.SplittableRandom;

/**
 * Prompts of pseudo-words. Their token counts are about right on average; what the server counted stands in the report.
 *
 * @param tokensPerWord how many tokens this server's tokenizer makes of a word, on average
 */
record WordMaterial(double tokensPerWord) implements PromptSource.Material {
    WordMaterial {
        if (!(tokensPerWord > 0) || Double.isInfinite(tokensPerWord)) {
            throw new IllegalArgumentException("no tokenizer makes " + tokensPerWord + " tokens of a word");
        }
    }

    @Override
    public JsonNode part(int tokens, SplittableRandom random) {
        int words = (int) Math.max(1, Math.round(tokens / tokensPerWord));
        return TextNode.valueOf(PseudoWords.text(words, random));
    }

    @Override
    public JsonNode join(JsonNode prefix, JsonNode rest) {
        return TextNode.valueOf(prefix.asText() + "\n\n" + rest.asText());
    }
}
