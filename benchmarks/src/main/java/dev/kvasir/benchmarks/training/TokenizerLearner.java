package dev.kvasir.benchmarks.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import dev.kvasir.runner.synthetic.ByteLevelBpe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Makes the tokenizer: the words that questions are about first, then those of the corpus by how often they occur. */
final class TokenizerLearner {
    /** At most so many tokens. */
    static final int VOCAB = 2_048;

    private static final int SAMPLES_PER_TASK = 3_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    // GPT-2's pre-tokenizer, as the byte-level tokenizer of Hugging Face has it.
    private static final Pattern PIECES =
            Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private TokenizerLearner() {}

    /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
    static void write(Path directory, long seed) throws IOException {
        ObjectNode tokenizer = ByteLevelBpe.tokenizerJson(words(seed), VOCAB, Prompts.ADDED_TOKENS);
        JSON.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer);
        ObjectNode config = JSON.createObjectNode()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("add_bos_token", false)
                .putNull("bos_token")
                .put("eos_token", Prompts.END)
                .put("pad_token", Prompts.END_OF_TEXT)
                .put("clean_up_tokenization_spaces", false)
                .put("model_max_length", 2_048)
                .put("chat_template", Prompts.CHAT_TEMPLATE);
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("tokenizer_config.json").toFile(), config);
    }

    private static Set<String> words(long seed) {
        Set<String> words = new LinkedHashSet<>();
        Stream.of(Words.NAMES, Words.HELD_OUT_NAMES, Words.OBJECTS, Words.PLACES, Words.FOODS, Words.JOBS, Words.CITIES)
                .flatMap(List::stream)
                .forEach(word -> {
                    // Without the space first: then the merge that adds it is the word's last, and both are tokens.
                    words.add(word);
                    words.add(" " + word);
                });
        Map<String, Integer> counts = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (Task task : Curriculum.tasks()) {
            for (int i = 0; i < SAMPLES_PER_TASK; i++) {
                Conversation conversation = task.next(random, Split.TRAINING);
                for (Turn turn : Prompts.withTools(conversation)) {
                    Matcher pieces = PIECES.matcher(turn.text());
                    while (pieces.find()) {
                        counts.merge(pieces.group(), 1, Integer::sum);
                    }
                }
            }
        }
        List<Map.Entry<String, Integer>> byCount = new ArrayList<>(counts.entrySet());
        byCount.sort(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()));
        byCount.forEach(entry -> words.add(entry.getKey()));
        return words;
    }
}
