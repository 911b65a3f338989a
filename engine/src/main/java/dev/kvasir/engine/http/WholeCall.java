package dev.kvasir.engine.http;

import dev.kvasir.engine.config.HttpSettings;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.JsonBody;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/** Gathers the choices and sends one body at the end. */
class WholeCall extends Call {
    /** Log-probabilities of so many tokens take a millisecond or so to write. */
    private static final int AT_ONCE_LOGPROBS = 256;

    private final Vertx vertx;
    private final HttpSettings settings;
    final AnswerFormat format;
    private final GatheredChoices choices;
    private long promptLogprobs; // tokens that have some

    WholeCall(Vertx vertx, Exchange exchange, HttpSettings settings, Prepared prepared) {
        super(exchange);
        this.vertx = vertx;
        this.settings = settings;
        this.format = prepared.format();
        this.choices = new GatheredChoices(prepared);
    }

    @Override
    void begin(Generation accepted) {
        // Nothing to send yet.
    }

    @Override
    void abandon() {
        choices.clear();
    }

    @Override
    public void onCached(CachedTokens cached) {
        format.onCached(cached);
    }

    @Override
    public void onStopString(int choice, String stop) {
        format.onStopString(choice, stop);
    }

    @Override
    public void onDeadline(int choice) {
        exchange.fact("deadline", true);
        format.onDeadline(choice);
    }

    @Override
    public void onPrompt(int prompt, List<TokenLogprobs> logprobs) {
        promptLogprobs += logprobs.size();
        format.onPrompt(prompt, logprobs);
    }

    @Override
    public void onDelta(int choice, TextDelta delta) {
        choices.add(choice, delta);
    }

    @Override
    public void onChoiceEnd(int choice, Generation.End end) {
        choices.end(choice, end);
        exchange.fact("finish", end);
    }

    @Override
    public void onEnd(Usage usage) {
        note(usage);
        List<AnswerFormat.Choice> all = choices();
        long logprobs = promptLogprobs
                + all.stream().mapToLong(choice -> choice.logprobs().size()).sum();
        if (logprobs <= AT_ONCE_LOGPROBS) {
            send(exchange.json(200, format.whole(all, usage)));
            return;
        }
        vertx.executeBlocking(() -> JsonBody.bytes(format.whole(all, usage)), false)
                .onComplete(done -> {
                    if (done.succeeded()) {
                        send(exchange.send(200, "application/json", Buffer.buffer(done.result())));
                    } else {
                        Workers.fail(exchange, done.cause());
                    }
                });
    }

    private void send(Future<Void> taken) {
        exchange.dropUnlessTaken(vertx, taken, settings.stallSeconds());
    }

    List<AnswerFormat.Choice> choices() {
        return choices.list();
    }

    @Override
    public void onFailure(Generation.Failure failure) {
        exchange.fail(error(failure));
    }
}
