package dev.kvasir.engine.http;

import dev.kvasir.engine.config.HttpSettings;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import io.vertx.core.Vertx;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends tokens as they come. */
final class StreamCall extends Call {
    private final Vertx vertx;
    private final AnswerFormat format;
    private final SseStream stream;
    private final int stallSeconds;
    private final int writeQueueBytes;
    private final BitSet opened = new BitSet();
    private @Nullable Generation generation;

    StreamCall(Vertx vertx, Exchange exchange, HttpSettings settings, AnswerFormat format) {
        super(exchange);
        this.vertx = vertx;
        this.format = format;
        this.stallSeconds = settings.stallSeconds();
        this.writeQueueBytes = settings.sendBufferBytes();
        this.stream = new SseStream(
                vertx, exchange.response(), settings.keepAliveSeconds(), settings.stallSeconds(), this::giveUp);
    }

    @Override
    void begin(Generation accepted) {
        generation = accepted;
        exchange.response().setWriteQueueMaxSize(writeQueueBytes);
        stream.open();
        format.onAccepted().forEach(stream::event);
    }

    @Override
    void abandon() {
        stream.close();
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
        format.onPrompt(prompt, logprobs);
    }

    @Override
    public void onDelta(int choice, TextDelta delta) {
        open(choice);
        format.onDelta(choice, delta).forEach(stream::event);
        holdWhileFull();
    }

    @Override
    public void onChoiceEnd(int choice, Generation.End end) {
        open(choice);
        format.onChoiceEnd(choice, end).forEach(stream::event);
        exchange.fact("finish", end);
    }

    @Override
    public void onEnd(Usage usage) {
        format.onEnd(usage).forEach(stream::event);
        note(usage);
        exchange.dropUnlessTaken(vertx, format.endsWithDone() ? stream.done() : stream.end(), stallSeconds);
    }

    @Override
    public void onFailure(Generation.Failure failure) {
        exchange.fact("error", failure);
        if (failure == Generation.Failure.SLOW_READER) {
            giveUp();
            return;
        }
        format.onFailure(error(failure)).forEach(stream::event);
        exchange.dropUnlessTaken(vertx, stream.end(), stallSeconds);
    }

    /** The chunk that opens a choice comes with its first token, so that who measures the first event measures that. */
    private void open(int choice) {
        if (!opened.get(choice)) {
            opened.set(choice);
            format.onOpening(choice).forEach(stream::event);
        }
    }

    private void holdWhileFull() {
        Generation live = generation;
        if (live != null && stream.isFull()) {
            live.hold();
            stream.onDrained(live::resume);
        }
    }

    /** The reader takes nothing: its tokens are stopped and its connection dropped. */
    private void giveUp() {
        exchange.fact("error", "slow_reader");
        stream.close();
        Generation live = generation;
        if (live != null) {
            live.cancel();
        }
        exchange.drop();
    }
}
