package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A question as the model sees it.
 *
 * @param tokens the prompt, then the expected reply without an end token; lent
 * @param promptTokens how many of them are the prompt
 * @param passages the passage that each token belongs to, or {@link Part#NO_PASSAGE}; lent
 */
record TokenisedQuestion(int[] tokens, int promptTokens, int[] passages) {
    /*
     * Where passages begin and end is found by a mark in the messages, a character that Unicode keeps for uses like this, which the template
     * copies to where they stand in the prompt. A template that changes the text around a mark would give another prompt than without marks;
     * a tokenizer that joins a passage's end with what follows gives a token of both. Either would measure something else than it says, and fails.
     */
    private static final char MARK = '\uFDD0';

    /**
     * Renders and tokenises.
     *
     * @throws IllegalStateException if the template refuses the messages, or a passage doesn't begin and end where a token does
     */
    static TokenisedQuestion of(Question question, ChatTemplate template, Tokenizer tokenizer) {
        String marked = render(question, template, true);
        String prompt = marked.replace(String.valueOf(MARK), "");
        if (!prompt.equals(render(question, template, false))) {
            throw new IllegalStateException("the chat template changes the text at the ends of passages: " + prompt);
        }
        String text = prompt + question.expected().strip();
        int[] tokens = tokenizer.encode(text, false);
        int[] starts = starts(tokens, text, tokenizer);
        int[] passages = new int[tokens.length];
        Arrays.fill(passages, Part.NO_PASSAGE);

        List<Integer> numbers = question.prompt().stream()
                .flatMap(turn -> turn.parts().stream())
                .map(Part::passage)
                .filter(number -> number != Part.NO_PASSAGE)
                .toList();
        String[] pieces = marked.split(String.valueOf(MARK), -1); // every second one is a passage
        if (pieces.length != 2 * numbers.size() + 1) {
            throw new IllegalStateException("the chat template leaves out or repeats passages: " + prompt);
        }
        int at = 0;
        for (int i = 0; i < numbers.size(); i++) {
            int from = at + bytes(pieces[2 * i]);
            int to = from + bytes(pieces[2 * i + 1]);
            Arrays.fill(passages, tokenAt(starts, from, text), tokenAt(starts, to, text), numbers.get(i));
            at = to;
        }
        return new TokenisedQuestion(tokens, tokenAt(starts, bytes(prompt), text), passages);
    }

    private static String render(Question question, ChatTemplate template, boolean withMarks) {
        List<Map<String, Object>> messages = new ArrayList<>();
        for (Turn turn : question.prompt()) {
            StringBuilder content = new StringBuilder();
            for (Part part : turn.parts()) {
                String mark = withMarks && part.passage() != Part.NO_PASSAGE ? String.valueOf(MARK) : "";
                content.append(mark).append(part.text()).append(mark);
            }
            messages.add(Map.of("role", turn.role().apiName(), "content", content.toString()));
        }
        try {
            return template.render(messages, Map.of(), true);
        } catch (TemplateException e) {
            throw new IllegalStateException("the chat template refuses a question: " + e.getMessage(), e);
        }
    }

    // The byte of the text at which each token begins, and last the text's end.
    private static int[] starts(int[] tokens, String text, Tokenizer tokenizer) {
        int[] starts = new int[tokens.length + 1];
        for (int t = 0; t < tokens.length; t++) {
            boolean special = tokenizer.specialTokens().contains(tokens[t]);
            int length = special ? bytes(tokenizer.textOf(tokens[t])) : tokenizer.bytesOf(tokens[t]).length;
            starts[t + 1] = starts[t] + length;
        }
        if (starts[tokens.length] != bytes(text)) {
            throw new IllegalStateException("the tokens' texts don't add up to the prompt: " + starts[tokens.length]
                    + " bytes of " + bytes(text));
        }
        return starts;
    }

    private static int tokenAt(int[] starts, int offset, String text) {
        int token = Arrays.binarySearch(starts, offset);
        if (token < 0) {
            throw new IllegalStateException("no token begins at byte " + offset
                    + ", where a passage or the prompt begins or ends, of: " + text);
        }
        return token;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
