package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.Weights;
import dev.kvasir.runner.template.JinjaChatTemplate;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;

/** A model in this process that answers with any visibility: the plain Java forward pass, so for small models. Thread-safe. */
final class PassageModel implements AutoCloseable {
    private final ReferenceModel model;
    private final List<Integer> endTokens;
    private final ChatTemplate template;
    private final Tokenizer tokenizer;

    /**
     * Loads a Hugging Face model directory.
     *
     * @throws ModelLoadException if it can't be used
     */
    PassageModel(Path directory) {
        ModelDirectory opened = ModelDirectory.open(directory);
        template = JinjaChatTemplate.load(directory, null, Clock.system(ZoneId.systemDefault()))
                .orElseThrow(() -> new ModelLoadException(directory + " has no chat template"));
        model = new ReferenceModel(opened.config(), Weights.of(opened.checkpoint()));
        endTokens = opened.config().endTokens();
        tokenizer = HfTokenizer.load(directory);
    }

    /**
     * What came of a question.
     *
     * @param right whether greedy decoding gives the expected reply, token by token, and then an end token
     * @param reply the expected reply, or what is decoded up to the first token that isn't its
     */
    record Verdict(boolean right, String reply) {}

    /** Returns the question's tokens. */
    TokenisedQuestion tokenise(Question question) {
        return TokenisedQuestion.of(question, template, tokenizer);
    }

    /** Judges what greedy decoding would answer. */
    Verdict judge(TokenisedQuestion question, PassageAttention attention) {
        /*
         * One pass over prompt and expected reply: as long as every token of the reply is the most likely one behind those before it, that is
         * what decoding one by one would have given.
         */
        int[] tokens = question.tokens();
        int prompt = question.promptTokens();
        double[][] logits = model.logits(tokens, prompt - 1, attention.over(question.passages()));
        for (int t = prompt; t <= tokens.length; t++) {
            int token = ReferenceModel.argmax(logits[t - prompt]);
            boolean isExpected = t < tokens.length ? token == tokens[t] : endTokens.contains(token);
            if (!isExpected) {
                int[] reply = Arrays.copyOfRange(tokens, prompt, t + 1);
                reply[t - prompt] = token;
                return new Verdict(false, tokenizer.decode(reply, false));
            }
        }
        return new Verdict(true, tokenizer.decode(Arrays.copyOfRange(tokens, prompt, tokens.length), false));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
