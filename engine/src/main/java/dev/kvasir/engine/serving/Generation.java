package dev.kvasir.engine.serving;

import dev.kvasir.engine.metrics.ServingMetrics.Outcome;
import dev.kvasir.engine.serving.Node.Serving;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What one call asked for: {@code choices} of each prompt, each choice one request of the scheduler. Confined to the thread of its
 * executor; the listener is called there.
 *
 * <pre>
 * choices of prompt p                 [p * n]   first, submitted at once
 *                     [p * n + 1, p * n + n)    siblings, submitted when the first's prompt is computed and can be reused
 * </pre>
 */
public final class Generation {
    /** How a generation failed. */
    public enum Failure {
        /** The queue filled up before all choices were in. */
        QUEUE_FULL,
        /** The step failed. */
        ERROR,
        /** The server is going down. */
        SHUTDOWN,
        /** The reader took its tokens too slowly. */
        SLOW_READER,
        /** Its deadline came before its first token. */
        DEADLINE
    }

    /** How a choice ended. */
    public enum End {
        STOP,
        LENGTH
    }

    /** Hears what becomes of a generation: deltas and one end for each choice, and at last one end or one failure. */
    public interface Listener {
        /** A prompt is computed, so many of its tokens without work; before the first delta of its choices. */
        default void onCached(CachedTokens cached) {}

        /** The prompt's log-probabilities, from its second token on, if asked for; before the first delta of its choices. */
        void onPrompt(int prompt, List<TokenLogprobs> logprobs);

        /** Text of a choice became certain. */
        void onDelta(int choice, TextDelta delta);

        /** A stop string is why the choice ends next. */
        default void onStopString(int choice, String stop) {}

        /** The deadline is why the choice ends next, by its length. */
        default void onDeadline(int choice) {}

        /** A choice is whole. */
        void onChoiceEnd(int choice, End end);

        /** All choices are whole. */
        void onEnd(Usage usage);

        /** It failed; what was told so far is all there will be. */
        void onFailure(Failure failure);
    }

    /**
     * Who asks and where the answer goes.
     *
     * @param id the call's id, beginning of the scheduler's request ids
     * @param root where the identity chain of the tenant starts
     * @param arrivalNanos when the call came in, on the scheduler's clock
     * @param owner runs everything of this generation, on one thread
     * @param maxPendingTokens tokens that may wait while {@link #hold held}
     */
    public record Caller(String id, SegmentId root, long arrivalNanos, Executor owner, int maxPendingTokens) {}

    private final Node node;
    private final Serving serving;
    private final Caller caller;
    private final GenerationOptions options;
    private final Listener listener;
    private final List<int[]> prompts;
    private final List<Choice> choices = new ArrayList<>();
    private final List<Choice> unsubmitted = new ArrayList<>();
    private int open;
    private CachedTokens cachedTokens = CachedTokens.NONE;
    private boolean over;

    public Generation(
            Node node,
            Serving serving,
            Caller caller,
            List<int[]> prompts,
            GenerationOptions options,
            Listener listener) {
        this.node = node;
        this.serving = serving;
        this.caller = caller;
        this.prompts = List.copyOf(prompts);
        this.options = options;
        this.listener = listener;
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            for (int sibling = 0; sibling < options.choices(); sibling++) {
                choices.add(new Choice(choices.size(), prompt, sibling));
            }
        }
        open = choices.size();
    }

    /** Submits the first choice of every prompt. If one is refused all are withdrawn and nothing more will be heard. */
    public Submission start() {
        for (Choice choice : choices) {
            if (choice.sibling > 0) {
                unsubmitted.add(choice);
                continue;
            }
            Submission submission = choice.submit();
            if (submission != Submission.ACCEPTED) {
                cancel();
                return submission;
            }
        }
        return Submission.ACCEPTED;
    }

    /** Ends everything; the listener hears no more. May be called again. */
    public void cancel() {
        over = true;
        unsubmitted.clear();
        for (Choice choice : choices) {
            choice.withdraw();
        }
    }

    /**
     * Ends it, since its deadline has come: choices end with what they have, as if that were their length. If there is nothing at all, it fails. Does
     * nothing when it's over.
     */
    public void expire() {
        if (over) {
            return;
        }
        if (completionTokens() == 0) {
            fail(Failure.DEADLINE);
            return;
        }
        unsubmitted.clear();
        for (Choice choice : choices) {
            choice.expire();
        }
    }

    /** Leaves tokens where they are until {@link #resume}. */
    public void hold() {
        choices.forEach(choice -> choice.relay.hold());
    }

    /** Delivers what was held and what comes. */
    public void resume() {
        choices.forEach(choice -> choice.relay.resume());
    }

    private void submitSiblings(int prompt) {
        // A sibling that finds the queue full is tried again with the next token of a choice that is in.
        for (int i = 0; i < unsubmitted.size(); ) {
            Choice choice = unsubmitted.get(i);
            if (choice.prompt != prompt) {
                i++;
            } else if (choice.submit() == Submission.ACCEPTED) {
                unsubmitted.remove(i);
            } else {
                return;
            }
        }
    }

    private void fail(Failure failure) {
        if (!over) {
            cancel();
            listener.onFailure(failure);
        }
    }

    /** Returns how many tokens of all choices have come so far. */
    public int completionTokens() {
        return choices.stream().mapToInt(choice -> choice.text.tokens()).sum();
    }

    private Usage usage() {
        int prompt = prompts.stream().mapToInt(tokens -> tokens.length).sum();
        return new Usage(prompt, cachedTokens, completionTokens());
    }

    /** One request of the scheduler. */
    private final class Choice {
        final int index;
        final int prompt;
        final int sibling;
        final String id;
        final ChoiceText text;
        final TokenRelay relay;
        private boolean live; // the scheduler has it
        private boolean ended; // the listener was told its end
        private long lastTokenNanos;

        Choice(int index, int prompt, int sibling) {
            this.index = index;
            this.prompt = prompt;
            this.sibling = sibling;
            this.id = caller.id() + "-" + index;
            Tokenizer tokenizer = serving.model().tokenizer();
            this.text = new ChoiceText(
                    tokenizer.streamDecoder(options.shown()),
                    tokenizer.specialTokens()::contains,
                    options.stops(),
                    options.minTokens());
            this.relay = new TokenRelay(
                    caller.owner(),
                    this::onEvent,
                    () -> fail(Failure.SLOW_READER),
                    caller.maxPendingTokens(),
                    serving.nanoTime());
        }

        Submission submit() {
            Submission submission =
                    node.submit(Requests.of(serving, caller, id, prompts.get(prompt), sibling, options), relay);
            live = submission == Submission.ACCEPTED;
            return submission;
        }

        void withdraw() {
            if (live && !ended) {
                node.cancel(id);
            }
            ended = true;
            relay.resume(); // so that its end is counted
        }

        void expire() {
            relay.resume(); // what a slow reader hasn't had yet is its own
            if (ended || over) {
                return;
            }
            if (live) {
                node.cancel(id);
            }
            tell(text.finish());
            if (!over) {
                listener.onDeadline(index);
                end(End.LENGTH);
            }
        }

        private void onEvent(TokenEvent event) {
            if (event instanceof TokenEvent.Prefilled prefilled) {
                onPrefilled(prefilled);
            } else if (event instanceof TokenEvent.Token token) {
                onToken(token);
            } else if (event instanceof TokenEvent.Finished finished) {
                onFinished(finished.reason(), finished.stats());
            }
        }

        private void onPrefilled(TokenEvent.Prefilled prefilled) {
            if (ended || sibling > 0) {
                return;
            }
            cachedTokens = cachedTokens.plus(prefilled.cachedTokens());
            listener.onCached(prefilled.cachedTokens());
            if (options.promptLogprobs() >= 0) {
                listener.onPrompt(prompt, prefilled.promptLogprobs());
            }
            submitSiblings(prompt);
        }

        private void onToken(TokenEvent.Token token) {
            if (lastTokenNanos != 0) {
                serving.metrics().interToken(token.nanos() - lastTokenNanos);
            }
            lastTokenNanos = token.nanos();
            if (ended) {
                return;
            }
            submitSiblings(prompt);
            tell(text.next(token.token(), token.logprobs()));
            if (text.isStopped()) {
                node.cancel(id);
                end(End.STOP);
            }
        }

        private void onFinished(FinishReason reason, RequestStats stats) {
            live = false;
            serving.metrics().requestEnded(stats, outcome(reason));
            node.ended(id, reason, stats);
            if (ended) {
                return;
            }
            switch (reason) {
                case STOP, LENGTH -> {
                    tell(text.finish());
                    boolean stopped = reason == FinishReason.STOP || text.isStopped();
                    end(stopped ? End.STOP : End.LENGTH);
                }
                case CANCELLED -> fail(Failure.SHUTDOWN);
                case ERROR -> fail(Failure.ERROR);
            }
        }

        private Outcome outcome(FinishReason reason) {
            return switch (reason) {
                case STOP -> Outcome.STOP;
                case LENGTH -> text.isStopped() ? Outcome.STOP : Outcome.LENGTH;
                case CANCELLED -> text.isStopped() ? Outcome.STOP : Outcome.ABORT;
                case ERROR -> Outcome.ERROR;
            };
        }

        private void tell(TextDelta delta) {
            if (!delta.isEmpty()) {
                listener.onDelta(index, delta);
            }
        }

        private void end(End end) {
            ended = true;
            open--;
            // The listener may have cancelled everything in between: a closed connection is noticed on writing.
            if (over) {
                return;
            }
            String stop = text.stopString();
            if (stop != null) {
                listener.onStopString(index, stop);
            }
            listener.onChoiceEnd(index, end);
            if (open == 0 && !over) {
                over = true;
                listener.onEnd(usage());
            } else if (!over) {
                submitSiblings(prompt);
                if (open == unsubmitted.size()) {
                    fail(Failure.QUEUE_FULL); // nobody is left whose tokens would try again
                }
            }
        }
    }
}
