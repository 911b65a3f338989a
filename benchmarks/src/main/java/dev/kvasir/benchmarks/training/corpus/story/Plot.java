package dev.kvasir.benchmarks.training.corpus.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What happens in a story, with wordings for each sentence. All texts are
 * {@link dev.kvasir.benchmarks.training.corpus.Template templates}.
 *
 * @param theme what a request may call it, as in "a story about a race"
 * @param slots what the plot decides for itself before the first sentence, so that later sentences, questions and answers agree
 * @param sentences in order; one that begins with {@code ?} may be left out
 * @param sequel how it goes on, when somebody asks
 * @param questions with the answer that the story gives
 */
record Plot(
        String theme,
        Map<String, String> slots,
        List<String> sentences,
        List<String> sequel,
        List<Question> questions) {

    /** A question and its answer, both templates. */
    record Question(String asked, String answer) {}

    /**
     * Returns the plot that the script describes: first line the theme; {@code @slot = value} a slot; {@code > sentence} what
     * happens next; {@code asked => answer} a question; any other line a sentence.
     */
    static Plot of(String script) {
        Map<String, String> slots = new LinkedHashMap<>();
        List<String> sentences = new ArrayList<>();
        List<String> sequel = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        List<String> lines = script.strip().lines().map(String::strip).toList();
        for (String line : lines.subList(1, lines.size())) {
            if (line.startsWith("@")) {
                int equals = line.indexOf(" = ");
                slots.put(line.substring(1, equals), line.substring(equals + 3));
            } else if (line.startsWith(">")) {
                sequel.add(line.substring(1));
            } else if (line.contains(" => ")) {
                int arrow = line.indexOf(" => ");
                questions.add(new Question(line.substring(0, arrow), line.substring(arrow + 4)));
            } else {
                sentences.add(line);
            }
        }
        return new Plot(lines.get(0), slots, sentences, sequel, questions);
    }
}
