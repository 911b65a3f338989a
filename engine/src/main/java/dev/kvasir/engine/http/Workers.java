package dev.kvasir.engine.http;

import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.Context;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does a request's own work: at once where it is short, on a worker where it would keep the event loop busy. */
final class Workers {
    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    /** Bodies up to this size take a millisecond or so to parse, render and tokenise. */
    private static final int AT_ONCE_BYTES = 16 * 1024;

    private final Context loop;
    private final DoorContext door;

    Workers(Context loop, DoorContext door) {
        this.loop = loop;
        this.door = door;
    }

    /** Returns what is served; only for routes that need a model. */
    Ready ready() {
        Ready ready = door.ready();
        if (ready == null) {
            throw ApiError.unavailable("The model is still being loaded.");
        }
        return ready;
    }

    /**
     * Works and hands the result on, on the event loop; answers with the error if there is one.
     *
     * @param bodyBytes how long the request was
     * @param release runs when the work is done, whatever came of it
     */
    <T> void work(Exchange exchange, int bodyBytes, Callable<T> work, Runnable release, Consumer<T> then) {
        if (bodyBytes <= AT_ONCE_BYTES) {
            T result;
            try {
                result = work.call();
            } catch (Exception | StackOverflowError e) {
                fail(exchange, e);
                return;
            } finally {
                release.run();
            }
            deliver(exchange, result, then);
            return;
        }
        loop.executeBlocking(work, false).onComplete(done -> {
            release.run();
            if (done.succeeded()) {
                deliver(exchange, done.result(), then);
            } else {
                fail(exchange, done.cause());
            }
        });
    }

    /** Hands a result on unless its client has left; answers with the error that this throws. */
    static <T> void deliver(Exchange exchange, T result, Consumer<T> then) {
        if (exchange.isGone()) {
            return;
        }
        try {
            then.accept(result);
        } catch (RuntimeException e) {
            fail(exchange, e);
        }
    }

    /** Answers with an error; what isn't the client's fault is logged and not told. */
    static void fail(Exchange exchange, Throwable e) {
        if (e instanceof ApiError error) {
            exchange.fail(error);
        } else {
            log.atError()
                    .addKeyValue("request", exchange.id())
                    .setCause(e)
                    .log("a request failed in {}", exchange.handler());
            exchange.fail(ApiError.internal());
        }
    }
}
