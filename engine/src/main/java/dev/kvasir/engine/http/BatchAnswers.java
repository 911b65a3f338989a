package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.batch.Answerer;
import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.http.EmbeddingHandler.Inputs;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.EmbeddingFormat;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.serving.Embedding;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.Generation.Caller;
import dev.kvasir.engine.serving.Generation.Failure;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Urgency;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests of batches as the door answers them, without an exchange. */
public final class BatchAnswers implements Answerer {
    private static final Logger log = LoggerFactory.getLogger(BatchAnswers.class);

    /** Whatever the request says: everybody else comes before a batch. */
    private static final Urgency LAST = new Urgency(GenerationRequest.MOST_PRIORITY, 0);

    private final DoorContext door;

    public BatchAnswers(DoorContext door) {
        this.door = door;
    }

    @Override
    public boolean isBusy() {
        Ready ready = door.ready();
        return ready == null
                || door.node.phase() != Node.Phase.READY
                || ready.serving().scheduler().stats().waiting() > 0;
    }

    @Override
    public Running answer(String tenant, String endpoint, ObjectNode body, Executor owner, Consumer<Answer> then) {
        Ready ready = door.ready();
        if (ready == null || door.node.phase() != Node.Phase.READY) {
            then.accept(Answer.LATER);
            return () -> {};
        }
        try {
            return switch (endpoint) {
                case "/v1/chat/completions" -> generate(ready, tenant, Prepared.chat(ready, body), owner, then);
                case "/v1/completions" -> generate(ready, tenant, Prepared.completion(ready, body), owner, then);
                case "/v1/embeddings" -> embed(ready, tenant, EmbeddingHandler.inputs(ready, body), owner, then);
                default -> throw new IllegalArgumentException("no batches of " + endpoint);
            };
        } catch (RuntimeException | StackOverflowError e) {
            then.accept(answer(e));
            return () -> {};
        }
    }

    private Running generate(Ready ready, String tenant, Prepared prepared, Executor owner, Consumer<Answer> then) {
        Guide guide = prepared.guide() == null
                ? null
                : GuideWorker.compile(ready.serving().guides(), prepared.guide());
        if (guide != null) {
            prepared.format().onGuided();
        }
        Generation generation = new Generation(
                door.node,
                ready.serving(),
                caller(ready, prepared.id(), tenant, prepared.cacheSalt(), owner),
                prepared.prompts(),
                prepared.options().withUrgency(LAST).withGuide(guide),
                new Gathering(prepared, then));
        check(generation.start(), ready);
        return generation::cancel;
    }

    private Running embed(Ready ready, String tenant, Inputs inputs, Executor owner, Consumer<Answer> then) {
        Embedding embedding = new Embedding(
                door.node,
                ready.serving(),
                caller(ready, Ids.of("embd-"), tenant, inputs.request().cacheSalt(), owner),
                inputs.prompts(),
                inputs.pooling(),
                LAST.priority(),
                new Embedding.Listener() {
                    @Override
                    public void onEnd(List<float[]> embeddings, Usage usage) {
                        then.accept(new Answer(200, EmbeddingFormat.bytes(inputs.request(), embeddings, usage)));
                    }

                    @Override
                    public void onFailure(Failure failure) {
                        then.accept(answer(Call.error(failure)));
                    }
                });
        check(embedding.start(), ready);
        return embedding::cancel;
    }

    private Caller caller(Ready ready, String id, String tenant, @Nullable String cacheSalt, Executor owner) {
        SegmentId root = ready.serving().roots().rootFor(tenant, cacheSalt);
        return new Caller(id, root, ready.serving().nanoTime().getAsLong(), owner, door.settings.maxPendingTokens());
    }

    private static void check(Submission submission, Ready ready) {
        if (submission != Submission.ACCEPTED) {
            throw GenerateHandler.refusal(submission, ready);
        }
    }

    /** What has to do with the server's load is asked again. */
    private static Answer answer(Throwable problem) {
        if (!(problem instanceof ApiError error)) {
            log.error("a request of a batch failed", problem);
            return answer(ApiError.internal());
        }
        return error.status() == 429 || error.status() == 503
                ? Answer.LATER
                : new Answer(error.status(), JsonBody.bytes(error.body()));
    }

    /** Gathers the choices of one answer. */
    private static final class Gathering implements Generation.Listener {
        private final Prepared prepared;
        private final GatheredChoices choices;
        private final Consumer<Answer> then;

        Gathering(Prepared prepared, Consumer<Answer> then) {
            this.prepared = prepared;
            this.then = then;
            choices = new GatheredChoices(prepared);
        }

        @Override
        public void onCached(CachedTokens cached) {
            prepared.format().onCached(cached);
        }

        @Override
        public void onStopString(int choice, String stop) {
            prepared.format().onStopString(choice, stop);
        }

        @Override
        public void onDeadline(int choice) {
            prepared.format().onDeadline(choice);
        }

        @Override
        public void onPrompt(int prompt, List<TokenLogprobs> logprobs) {
            prepared.format().onPrompt(prompt, logprobs);
        }

        @Override
        public void onDelta(int choice, TextDelta delta) {
            choices.add(choice, delta);
        }

        @Override
        public void onChoiceEnd(int choice, Generation.End end) {
            choices.end(choice, end);
        }

        @Override
        public void onEnd(Usage usage) {
            then.accept(new Answer(200, JsonBody.bytes(prepared.format().whole(choices.list(), usage))));
        }

        @Override
        public void onFailure(Failure failure) {
            then.accept(answer(Call.error(failure)));
        }
    }
}
