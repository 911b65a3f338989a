package dev.kvasir.engine.serving;

import dev.kvasir.engine.serving.Generation.Caller;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import java.util.ArrayList;
import java.util.List;

/** Makes the scheduler's requests out of a call's options. */
final class Requests {
    private Requests() {}

    static GenerationRequest of(
            Serving serving, Caller caller, String id, int[] prompt, int sibling, GenerationOptions options) {
        List<Integer> ends = new ArrayList<>(options.stopTokens());
        if (!options.ignoreEnd()) {
            ends.addAll(serving.model().facts().config().endTokens());
        }
        SamplingParams sampling = options.sampling();
        int room = serving.scheduler().maxTokens() - prompt.length;
        Integer wanted = options.maxTokens();
        int maxTokens = wanted == null ? room : wanted;
        GenerationRequest request = new GenerationRequest(
                id,
                caller.root(),
                prompt,
                sampling.withTemperature(sampling.temperature(), sampling.seed() + sibling),
                maxTokens,
                Math.min(options.minTokens(), maxTokens),
                ends.stream().mapToInt(Integer::intValue).distinct().toArray(),
                // A sibling's prompt is its first's, whose log-probabilities are known already.
                sibling > 0 ? -1 : options.promptLogprobs(),
                caller.arrivalNanos());
        int priority = options.urgency().priority();
        GenerationRequest placed = priority == 0 ? request : request.withPriority(priority);
        return options.guide() == null ? placed : placed.withGuide(options.guide());
    }
}
