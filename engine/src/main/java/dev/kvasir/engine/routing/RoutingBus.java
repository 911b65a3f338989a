package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Guides;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The loop of routing, and its post: one Vert.x context, on which messages arrive, time passes and messages are sent, so that the event bus keeps their
 * order. A message has no answer that could be waited for; who misses one finds out by the lists that nodes send.
 */
final class RoutingBus extends VerticleBase implements Executor, Post {
    private final int self;
    private final long tickMillis;
    private final RoutingCounters counters;
    private Consumer<byte[]> receiver = bytes -> {};
    private Runnable onTick = () -> {};

    RoutingBus(int self, long tickMillis, RoutingCounters counters) {
        this.self = self;
        this.tickMillis = tickMillis;
        this.counters = counters;
    }

    /** Says who is called on the loop; before this is deployed. */
    void attach(Consumer<byte[]> newReceiver, Runnable newOnTick) {
        receiver = newReceiver;
        onTick = newOnTick;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(tickMillis, id -> onTick.run());
        MessageConsumer<Object> consumer =
                vertx.eventBus().consumer(address(self), message -> onMessage(message.body()));
        return consumer.completion();
    }

    private void onMessage(@Nullable Object body) {
        if (body instanceof Buffer buffer && buffer.length() <= Envelopes.LONGEST) {
            receiver.accept(buffer.getBytes());
        } else {
            counters.add(Count.DROPPED_LENGTH);
        }
    }

    @Override
    public void execute(Runnable task) {
        context.runOnContext(v -> task.run());
    }

    /** Compiles a guide on a worker thread and hands it on, on the loop; null if it can't be. */
    void compile(Guides guides, GuideSpec spec, Consumer<@Nullable Guide> then) {
        context.<Guide>executeBlocking(() -> guides.compile(spec)).onComplete(done -> then.accept(done.result()));
    }

    @Override
    public void send(int node, byte[] bytes) {
        vertx.eventBus().send(address(node), Buffer.buffer(bytes));
    }

    private static String address(int node) {
        return "kvasir.routing." + node;
    }
}
