package dev.kvasir.benchmarks.quality;

import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/** A model's steps over conversations, without pool and scheduler. */
final class Steps {
    private final ModelRunner runner;

    Steps(ModelRunner runner) {
        this.runner = runner;
    }

    /** Computes the keys and values of the tokens {@code [from, to)} of a prompt. */
    void compute(Conversation conversation, int from, int to) {
        int[] tokens = conversation.tokens();
        run(List.of(new StepRow(tokens, from, to, conversation.slots(), null, -1, tokens.length)));
    }

    /**
     * Returns what follows each of the conversations, a row each in the same steps.
     *
     * @param from end of what is computed already, of all of them
     * @param params how the tokens of the conversation of that index are chosen; end tokens don't end it
     * @return (conversations, count)
     */
    int[][] generate(List<Conversation> conversations, int from, int count, IntFunction<SamplingParams> params) {
        int[][] tokens = conversations.stream().map(c -> c.with(new int[count])).toArray(int[][]::new);
        int prompt = conversations.get(0).tokens().length;
        for (int to = prompt; to < prompt + count; to++) {
            List<StepRow> rows = new ArrayList<>();
            for (int i = 0; i < tokens.length; i++) {
                int begin = to == prompt ? from : to - 1;
                rows.add(new StepRow(tokens[i], begin, to, conversations.get(i).slots(), params.apply(i), -1, prompt));
            }
            List<RowOutput> outputs = run(rows);
            for (int i = 0; i < tokens.length; i++) {
                tokens[i][to] = outputs.get(i).token();
            }
        }
        return Arrays.stream(tokens)
                .map(all -> Arrays.copyOfRange(all, prompt, prompt + count))
                .toArray(int[][]::new);
    }

    /**
     * Returns the distributions of a conversation's tokens behind {@code from}, each given those before it: the first is that of the token at
     * {@code from + 1}.
     *
     * @param from end of what is computed already
     * @param top how many of the most likely tokens each one has
     */
    List<TokenLogprobs> score(Conversation conversation, int[] continuation, int from, int top) {
        int[] tokens = conversation.with(continuation);
        StepRow row = new StepRow(tokens, from, tokens.length - 1, conversation.slots(), null, top, tokens.length);
        return run(List.of(row)).get(0).promptLogprobs();
    }

    private List<RowOutput> run(List<StepRow> rows) {
        return runner.run(new StepInput(rows)).rows();
    }
}
