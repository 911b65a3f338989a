package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.Usage;

/** An exchange that generates. Confined to its event loop. */
abstract class Call implements Generation.Listener {
    final Exchange exchange;

    Call(Exchange exchange) {
        this.exchange = exchange;
    }

    /** The generation was accepted; nothing was heard of it yet. */
    abstract void begin(Generation generation);

    /** The client has left and the generation is cancelled. */
    abstract void abandon();

    void note(Usage usage) {
        exchange.fact("prompt_tokens", usage.promptTokens());
        exchange.fact("cached_tokens", usage.cachedTokens().total());
        exchange.fact("completion_tokens", usage.completionTokens());
    }

    static ApiError error(Generation.Failure failure) {
        return switch (failure) {
            case QUEUE_FULL -> ApiError.unavailable("The queue filled up before all choices were in; try again later.");
            case ERROR, SLOW_READER -> ApiError.internal();
            case DEADLINE -> ApiError.deadline();
            case SHUTDOWN -> ApiError.unavailable("The server is shutting down.");
        };
    }
}
