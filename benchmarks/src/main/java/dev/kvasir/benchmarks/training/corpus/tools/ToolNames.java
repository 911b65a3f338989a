package dev.kvasir.benchmarks.training.corpus.tools;

import dev.kvasir.benchmarks.training.corpus.Split;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Names of tools: any verb with a noun of what the tool does, in either order. There are so many that a name has to be read from the list
 * of tools and can't be known. A fifth of the combinations is held out.
 */
final class ToolNames {
    private static final List<String> VERBS = List.of(
            "get", "find", "check", "read", "make", "start", "open", "ask", "show", "do", "use", "run", "try", "fetch",
            "book", "order", "search", "set", "send", "buy", "tell", "take", "new", "my");
    private static final int HELD_OUT_EVERY = 5;

    private ToolNames() {}

    static String next(RandomGenerator random, Split split, List<String> nouns) {
        while (true) {
            int verb = random.nextInt(VERBS.size());
            int noun = random.nextInt(nouns.size());
            boolean nounFirst = random.nextInt(4) == 0;
            boolean heldOut = (verb + noun + (nounFirst ? 2 : 0)) % HELD_OUT_EVERY == 0;
            if (heldOut == (split == Split.HELD_OUT)) {
                return nounFirst ? nouns.get(noun) + '_' + VERBS.get(verb) : VERBS.get(verb) + '_' + nouns.get(noun);
            }
        }
    }
}
