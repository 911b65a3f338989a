package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SplittableRandom;

/**
 * Makes the prompts of a run: prompt {@code index} is the same whenever it is asked for, and depends on the seed alone. A
 * prompt is its group's prefix followed by a part of its own.
 */
final class PromptSource {
    /** What prompts are made of. */
    interface Material {
        /** Returns about, or where it can be exactly, {@code tokens} tokens. */
        JsonNode part(int tokens, SplittableRandom random);

        /** Returns a prompt whose first part is {@code prefix}. */
        JsonNode join(JsonNode prefix, JsonNode rest);
    }

    // Streams of the seed that never meet: SplittableRandom scrambles what it is seeded with, so near seeds give far
    // streams.
    private static final long GROUP_STREAM = 0x6B76_6173_6972_0001L;
    private static final long PREFIX_STREAM = 0x6B76_6173_6972_0002L;
    private static final long OWN_STREAM = 0x6B76_6173_6972_0003L;

    private final Material material;
    private final PromptShape shape;
    private final long seed;

    PromptSource(Material material, PromptShape shape, long seed) {
        this.material = material;
        this.shape = shape;
        this.seed = seed;
    }

    /** Returns which group a prompt belongs to, from 0. */
    int group(int index) {
        return stream(GROUP_STREAM, index).nextInt(shape.prefixGroups());
    }

    /** Returns a prompt: a string, or an array of token ids. */
    JsonNode prompt(int index) {
        JsonNode own = material.part(shape.inputTokens(), stream(OWN_STREAM, index));
        if (shape.sharedPrefixTokens() == 0) {
            return own;
        }
        JsonNode prefix = material.part(shape.sharedPrefixTokens(), stream(PREFIX_STREAM, group(index)));
        return material.join(prefix, own);
    }

    private SplittableRandom stream(long name, int number) {
        long mixed = new SplittableRandom(seed ^ name).nextLong();
        return new SplittableRandom(mixed + number);
    }
}
