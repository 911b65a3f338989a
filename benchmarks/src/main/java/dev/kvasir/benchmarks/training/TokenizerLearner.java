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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
import java.util.stream.Collectors;

/**
 * Makes the tokenizer: the words that questions are about and those of the corpus that occur most, each a token as a whole. Other
 * text is built up by the merges of the most frequent words.
 */
final class TokenizerLearner {
    /** At most so many tokens. */
    static final int VOCAB = 2_048;

    /** So many of them for the sake of text that no listed word is in. */
    private static final int MERGED = 160;

    private static final int SAMPLES_PER_TASK = 3_000;
    private static final ObjectMapper JSON = new ObjectMapper();
    // GPT-2's pre-tokenizer, as the byte-level tokenizer of Hugging Face has it.
    private static final Pattern PIECES =
            Pattern.compile("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+");

    private static final Pattern ADDED = Pattern.compile(Prompts.ADDED_TOKENS.stream()
            .map(token -> Pattern.quote(token.text()))
            .collect(Collectors.joining("|")));

    private TokenizerLearner() {}

    /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
    static void write(Path directory, long seed) throws IOException {
        ObjectNode tokenizer = ByteLevelBpe.wholeWordsJson(words(seed), MERGED, VOCAB, Prompts.ADDED_TOKENS);
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
        // Last, since its presence says that both are there.
        Path partial = directory.resolve("tokenizer.json.partial");
        JSON.writeValue(partial.toFile(), tokenizer);
        Files.move(partial, directory.resolve("tokenizer.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Returns pieces of text, those of the corpus by how often they occur. */
    private static List<String> words(long seed) {
        Map<String, Integer> counts = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        for (Task task : Curriculum.tasks()) {
            for (int i = 0; i < SAMPLES_PER_TASK; i++) {
                Conversation conversation = task.next(random, Split.TRAINING);
                for (Turn turn : Prompts.withTools(conversation)) {
                    // Added tokens are found before text is cut into pieces.
                    for (String text : ADDED.split(turn.text())) {
                        Matcher pieces = PIECES.matcher(text);
                        while (pieces.find()) {
                            counts.merge(pieces.group(), 1, Integer::sum);
                        }
                    }
                }
            }
        }
        List<Map.Entry<String, Integer>> byCount = new ArrayList<>(counts.entrySet());
        byCount.sort(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()));
        Set<String> words = new LinkedHashSet<>();
        byCount.stream().limit(MERGED).forEach(entry -> words.add(entry.getKey()));
        Words.LOOKED_UP.forEach(word -> words.add(" " + word));
        // As calls of tools have them, after a quotation mark.
        Words.QUOTED.forEach(words::add);
        byCount.forEach(entry -> words.add(entry.getKey()));
        return List.copyOf(words);
    }
}
