package dev.kvasir.engine.serving;

import dev.kvasir.engine.metrics.ServingMetrics.Outcome;
import dev.kvasir.engine.serving.Generation.Caller;
import dev.kvasir.engine.serving.Generation.Failure;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.Pooling;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The embeddings of one call's prompts, each prompt one request of the scheduler. Only some of them are there at once, so that a call of many prompts
 * doesn't fill the queue. Confined to the thread of its executor; the listener is called there.
 */
public final class Embedding {
    /** Requests of one call that the scheduler has at once. */
    private static final int AT_ONCE = 32;

    /** Hears one end, or one failure. */
    public interface Listener {
        /**
         * All are there.
         *
         * @param embeddings of the prompts, in their order; (hidden) each, not normalised
         */
        void onEnd(List<float[]> embeddings, Usage usage);

        /** It failed. */
        void onFailure(Failure failure);
    }

    private final Node node;
    private final Serving serving;
    private final Caller caller;
    private final Pooling pooling;
    private final int priority; // as the scheduler has it
    private final Listener listener;
    private final List<int[]> prompts;
    private final float[][] embeddings;
    private final Set<String> live = new HashSet<>(); // ids that the scheduler has
    private int next; // to be submitted
    private int open;
    private CachedTokens cachedTokens = CachedTokens.NONE;
    private boolean over;

    public Embedding(
            Node node,
            Serving serving,
            Caller caller,
            List<int[]> prompts,
            Pooling pooling,
            int priority,
            Listener listener) {
        this.node = node;
        this.serving = serving;
        this.caller = caller;
        this.pooling = pooling;
        this.priority = priority;
        this.listener = listener;
        this.prompts = List.copyOf(prompts);
        embeddings = new float[prompts.size()][];
        open = prompts.size();
    }

    /** Submits. If not even one is taken nothing more will be heard. */
    public Submission start() {
        Submission submission = submit();
        if (live.isEmpty()) {
            over = true;
            return submission;
        }
        return Submission.ACCEPTED;
    }

    /** Ends everything; the listener hears no more. May be called again. */
    public void cancel() {
        over = true;
        live.forEach(node::cancel);
        live.clear();
    }

    /** Submits what may be there at once, and returns what became of the last one. */
    private Submission submit() {
        Submission submission = Submission.ACCEPTED;
        while (next < prompts.size() && live.size() < AT_ONCE && submission == Submission.ACCEPTED) {
            int prompt = next;
            String id = caller.id() + "-" + prompt;
            TokenRelay relay = new TokenRelay(
                    caller.owner(),
                    event -> onEvent(prompt, id, event),
                    () -> {}, // nothing is ever held
                    caller.maxPendingTokens(),
                    serving.nanoTime());
            submission = node.submit(
                    GenerationRequest.embedding(id, caller.root(), prompts.get(prompt), pooling, caller.arrivalNanos())
                            .withPriority(priority),
                    relay);
            if (submission == Submission.ACCEPTED) {
                live.add(id);
                next++;
            }
        }
        return submission;
    }

    private void onEvent(int prompt, String id, TokenEvent event) {
        if (event instanceof TokenEvent.Prefilled prefilled) {
            cachedTokens = cachedTokens.plus(prefilled.cachedTokens());
        } else if (event instanceof TokenEvent.Embedding embedding) {
            embeddings[prompt] = embedding.values();
        } else if (event instanceof TokenEvent.Finished finished) {
            serving.metrics().requestEnded(finished.stats(), outcome(finished.reason()));
            node.ended(id, finished.reason(), finished.stats());
            live.remove(id);
            if (!over) {
                onFinished(prompt, finished.reason());
            }
        }
    }

    private void onFinished(int prompt, FinishReason reason) {
        if (reason == FinishReason.CANCELLED) {
            fail(Failure.SHUTDOWN);
        } else if (reason == FinishReason.ERROR || !isWhole(embeddings[prompt])) {
            fail(Failure.ERROR);
        } else if (--open == 0) {
            over = true;
            listener.onEnd(new ArrayList<>(Arrays.asList(embeddings)), usage());
        } else {
            submit();
            if (live.isEmpty()) {
                fail(Failure.QUEUE_FULL); // nobody is left whose end would try again
            }
        }
    }

    /** A model whose numbers run over gives what is no number, and JSON has none of those. */
    private static boolean isWhole(float[] embedding) {
        for (float value : embedding) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private void fail(Failure failure) {
        cancel();
        listener.onFailure(failure);
    }

    private Usage usage() {
        return new Usage(prompts.stream().mapToInt(tokens -> tokens.length).sum(), cachedTokens, 0);
    }

    private static Outcome outcome(FinishReason reason) {
        return switch (reason) {
            case STOP, LENGTH -> Outcome.STOP;
            case CANCELLED -> Outcome.ABORT;
            case ERROR -> Outcome.ERROR;
        };
    }
}
