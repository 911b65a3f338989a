package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/** Asks prompts that somebody has asked before, or nobody, one after the other, and notes when their first token came. */
final class Isolation {
    /** Who has asked the prompt before. */
    enum Asked {
        /** Only the other tenant. */
        BY_ANOTHER,
        BY_NOBODY,
        /** The one who measures. */
        BY_ITSELF
    }

    private final Sender other;
    private final Sender own;
    private final RequestBodies bodies;
    private final int words;
    private final LongSupplier nanoTime;
    private final SplittableRandom prompts;
    private final Random order;

    /**
     * Creates a run.
     *
     * @param other sends as the tenant that asks before
     * @param own sends as the one that measures
     * @param words length of each prompt
     * @param nanoTime the senders' clock
     */
    Isolation(Sender other, Sender own, String model, int words, long seed, LongSupplier nanoTime) {
        this.other = other;
        this.own = own;
        this.words = words;
        this.nanoTime = nanoTime;
        bodies = new RequestBodies(Endpoint.COMPLETIONS, model, 1, true, 0, seed);
        prompts = new SplittableRandom(seed);
        order = new Random(seed);
    }

    /** Measures so many of each kind, after as many as are not to count. */
    IsolationReport run(int warmup, int requests) throws IOException {
        measure(warmup);
        return measure(requests);
    }

    private IsolationReport measure(int requests) throws IOException {
        List<Asked> kinds = new ArrayList<>();
        for (Asked kind : Asked.values()) {
            kinds.addAll(Collections.nCopies(requests, kind));
        }
        Collections.shuffle(kinds, order);
        Map<Asked, List<Double>> millis = new EnumMap<>(Asked.class);
        Map<Asked, Integer> cached = new EnumMap<>(Asked.class);
        for (Asked kind : kinds) {
            RequestResult result = measure(kind);
            millis.computeIfAbsent(kind, k -> new ArrayList<>()).add(result.ttftNanos() / 1e6);
            cached.merge(kind, Math.max(0, result.usage().cachedTokens()), Integer::sum);
        }
        return new IsolationReport(millis, cached);
    }

    /** Whatever the kind, the server has just answered one request of the same length. */
    private RequestResult measure(Asked kind) throws IOException {
        byte[] prompt = body();
        switch (kind) {
            case BY_ANOTHER -> send(other, prompt);
            case BY_NOBODY -> send(other, body());
            case BY_ITSELF -> send(own, prompt);
        }
        return send(own, prompt);
    }

    private byte[] body() {
        return bodies.body(0, TextNode.valueOf(PseudoWords.text(words, prompts)));
    }

    private RequestResult send(Sender sender, byte[] body) throws IOException {
        RequestResult result =
                sender.send(0, nanoTime.getAsLong(), body).answer().join();
        if (!result.isSuccess() || !result.hasText()) {
            throw new IOException("a request failed: " + result.failure() + ", " + result.detail());
        }
        return result;
    }
}
