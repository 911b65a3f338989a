package dev.kvasir.engine.http;

import dev.kvasir.engine.http.DoorContext.Ready;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.GuideRequest;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Guides;
import dev.kvasir.runner.Guides.GuideException;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Compiles what answers must look like: on a thread of its own, so that a schema that takes its time keeps neither event loop nor tokenising waiting. */
final class GuideWorker {
    private static final String NAME = "guides";
    /** Each may take a second. */
    private static final int MOST_WAITING = 32;

    private final WorkerExecutor worker;
    private final AtomicInteger waiting = new AtomicInteger();

    GuideWorker(Vertx vertx) {
        worker = vertx.createSharedWorkerExecutor(NAME, 1);
    }

    /** Hands the guide on, on the event loop, null if none is wanted or could be had; answers with the error if there is one. */
    void compile(Exchange exchange, Ready ready, @Nullable GuideRequest request, Consumer<@Nullable Guide> then) {
        Guides guides = ready.serving().guides();
        if (request == null) {
            then.accept(null);
            return;
        }
        Guide known = guides.known(request.specs().get(0));
        if (known != null) {
            then.accept(known);
            return;
        }
        if (waiting.incrementAndGet() > MOST_WAITING) {
            waiting.decrementAndGet();
            throw ApiError.unavailable("Too many schemas wait to be compiled; try again later.");
        }
        Callable<Holder> work = () -> new Holder(compile(guides, request));
        worker.executeBlocking(work, true).onComplete(done -> {
            waiting.decrementAndGet();
            if (done.succeeded()) {
                Workers.deliver(exchange, done.result(), holder -> then.accept(holder.guide()));
            } else {
                Workers.fail(exchange, done.cause());
            }
        });
    }

    private record Holder(@Nullable Guide guide) {}

    static @Nullable Guide compile(Guides guides, GuideRequest request) {
        String why = "";
        for (GuideSpec spec : request.specs()) {
            try {
                return guides.compile(spec);
            } catch (GuideException e) {
                why = why.isEmpty() ? String.valueOf(e.getMessage()) : why;
            }
        }
        if (request.isRequired()) {
            throw request.refusal(why);
        }
        return null;
    }
}
