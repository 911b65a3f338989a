package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.config.HttpSettings;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** Answers at once and goes on computing: who wants the result asks for it later. */
final class BackgroundCall extends WholeCall {
    private final Context loop;
    private final BackgroundAnswer answer;
    private @Nullable Generation generation;
    private boolean over;

    BackgroundCall(
            Vertx vertx,
            Context loop,
            Exchange exchange,
            HttpSettings settings,
            Prepared prepared,
            BackgroundAnswer answer) {
        super(vertx, exchange, settings, prepared);
        this.loop = loop;
        this.answer = answer;
    }

    @Override
    void begin(Generation accepted) {
        generation = accepted;
        ObjectNode begun = answer.begin(then -> loop.runOnContext(v -> cancel(accepted, then)));
        if (begun == null) {
            over = true;
            accepted.cancel();
            exchange.fail(ApiError.unavailable("There is no room to store the response; try again later."));
        } else {
            exchange.budget().goOn();
            exchange.json(200, begun);
        }
    }

    private void cancel(Generation accepted, Runnable then) {
        if (!over) {
            over();
            accepted.cancel();
            answer.cancelled();
        }
        then.run();
    }

    @Override
    public void onCached(CachedTokens cached) {
        super.onCached(cached);
        answer.progress();
    }

    @Override
    public void onEnd(Usage usage) {
        over();
        format.whole(choices(), usage);
    }

    @Override
    public void onFailure(Generation.Failure failure) {
        over();
        format.onFailure(error(failure));
    }

    /** The answer counts for its key, although the exchange was over long before. */
    private void over() {
        over = true;
        if (generation != null) {
            exchange.budget().takeAnswer(generation.completionTokens());
            exchange.budget().end();
        }
    }
}
