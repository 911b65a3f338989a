package dev.kvasir.benchmarks.quality;

import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Compares continuations of varied prefixes with those of the exact ones. */
final class KvQuality {
    /** Prompts that are continued in the same steps. */
    private static final int AT_ONCE = 16;

    /** Tokens of a distribution that are compared, the most likely ones; more than small vocabularies have. */
    private static final int TOP = 4096;

    private final ModelRunner runner;
    private final Steps steps;
    private final QualityPlan plan;
    private final int prefix;
    private final int tableSlots;
    private final int atOnce;

    /** Where the exact continuation went. */
    private record Course(int[] continuation, List<TokenLogprobs> distributions) {}

    /**
     * A comparison on a model whose memory nobody else uses.
     *
     * @throws IllegalArgumentException if the sequences are too long for the model or its memory, or a prompt has no whole segment
     */
    KvQuality(ModelRunner runner, QualityPlan plan) {
        this.runner = runner;
        this.plan = plan;
        steps = new Steps(runner);
        int segmentTokens = runner.kvLayout().segmentTokens();
        prefix = plan.prefixTokens(segmentTokens);
        if (prefix == 0) {
            throw new IllegalArgumentException("a prompt of " + plan.promptTokens() + " tokens has no whole segment of "
                    + segmentTokens + " before its last token");
        }
        if (plan.tokens() > runner.config().contextTokens()) {
            throw new IllegalArgumentException("sequences of " + plan.tokens()
                    + " tokens exceed the model's context of " + runner.config().contextTokens());
        }
        tableSlots = runner.kvLayout().segmentsFor(plan.tokens());
        atOnce = Math.min(AT_ONCE, runner.kvStorage().slots() / tableSlots);
        if (atOnce == 0) {
            throw new IllegalArgumentException("a sequence of " + plan.tokens() + " tokens needs " + tableSlots
                    + " slots, and there are " + runner.kvStorage().slots());
        }
    }

    /**
     * Measures each variation on the same prompts.
     *
     * @param progress told how many prompts are done
     */
    List<VariationResult> run(List<Variation> variations, Consumer<String> progress) {
        List<List<PromptResult>> results = new ArrayList<>();
        variations.forEach(unused -> results.add(new ArrayList<>()));
        for (int first = 0; first < plan.prompts(); first += atOnce) {
            List<Conversation> group = prompts(first, Math.min(atOnce, plan.prompts() - first));
            List<Course> exact = courses(group);
            for (int v = 0; v < variations.size(); v++) {
                results.get(v).addAll(compare(variations.get(v), group, exact));
            }
            progress.accept(first + group.size() + " of " + plan.prompts() + " prompts");
        }
        return IntStream.range(0, variations.size())
                .mapToObj(v -> new VariationResult(variations.get(v).name(), results.get(v)))
                .toList();
    }

    /** Has the model write the prompts: its own text, drawn at temperature 1, is what it knows best without a file of texts. */
    private List<Conversation> prompts(int first, int count) {
        int begin = Objects.requireNonNullElse(runner.config().bosToken(), 0);
        List<Conversation> starts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] slots = IntStream.range(i * tableSlots, (i + 1) * tableSlots).toArray();
            starts.add(new Conversation(new int[] {begin}, slots));
        }
        int[][] drawn = steps.generate(
                starts,
                0,
                plan.promptTokens() - 1,
                i -> SamplingParams.GREEDY.withTemperature(1, plan.seed() + first + i));
        return IntStream.range(0, count)
                .mapToObj(i -> new Conversation(
                        starts.get(i).with(drawn[i]), starts.get(i).slots()))
                .toList();
    }

    private List<Course> courses(List<Conversation> group) {
        group.forEach(conversation -> steps.compute(conversation, 0, prefix));
        int[][] continuations = continuations(group);
        return IntStream.range(0, group.size())
                .mapToObj(i -> new Course(continuations[i], score(group.get(i), continuations[i])))
                .toList();
    }

    private List<PromptResult> compare(Variation variation, List<Conversation> group, List<Course> exact) {
        group.forEach(conversation -> {
            steps.compute(conversation, 0, prefix);
            variation.apply(steps, conversation, prefix);
        });
        int[][] continuations = continuations(group);
        List<PromptResult> results = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            Course course = exact.get(i);
            results.add(result(course, continuations[i], score(group.get(i), course.continuation())));
        }
        return results;
    }

    // [0, prefix)            computed before, and varied
    // [prefix, prompt)       computed anew over it, as after a hit in the pool
    // [prompt, prompt + new) generated
    private int[][] continuations(List<Conversation> group) {
        return steps.generate(group, prefix, plan.newTokens(), i -> SamplingParams.GREEDY);
    }

    private List<TokenLogprobs> score(Conversation conversation, int[] continuation) {
        return steps.score(
                conversation,
                continuation,
                prefix,
                Math.min(TOP, runner.config().vocab()));
    }

    private PromptResult result(Course exact, int[] continuation, List<TokenLogprobs> distributions) {
        int count = plan.newTokens();
        int first = count;
        int equal = 0;
        for (int i = count - 1; i >= 0; i--) {
            if (continuation[i] == exact.continuation()[i]) {
                equal++;
            } else {
                first = i;
            }
        }
        double margin = Double.NaN;
        if (first < count) {
            // The list's first distribution is that of the token at prefix + 1.
            float[] best = exact.distributions()
                    .get(plan.promptTokens() + first - prefix - 1)
                    .topLogprobs();
            margin = best[0] - best[1];
        }
        List<Distance> distances = IntStream.range(0, distributions.size())
                .mapToObj(i -> Distance.of(exact.distributions().get(i), distributions.get(i)))
                .toList();
        return new PromptResult(count, first, equal, margin, distances);
    }
}
