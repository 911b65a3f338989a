package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Where one request's time went, in constant memory. Thread-safe. */
final class Trace {
    /*
     * A prefill chunk is a span; so is a run of decode steps, of which only the number, the time and the longest gap are kept. When there are too many
     * spans, neighbours of a kind become one and runs of decodes get twice as long: a generation of any length has at most MOST_SPANS.
     */
    static final int MOST_SPANS = 128;

    private static final long NEVER = Long.MIN_VALUE;

    /** What happened in a span. */
    private enum Kind {
        PREFILL,
        DECODE,
        PREEMPTED
    }

    private static final class Span {
        final Kind kind;
        final long fromNanos;
        long toNanos;
        final int from; // token
        int to;
        int steps = 1;
        long longestGapNanos; // between the ends of two decode steps

        Span(Kind kind, long fromNanos, long toNanos, int from, int to) {
            this.kind = kind;
            this.fromNanos = fromNanos;
            this.toNanos = toNanos;
            this.from = from;
            this.to = to;
        }

        void take(Span next) {
            toNanos = next.toNanos;
            to = next.to;
            steps += next.steps;
            longestGapNanos = Math.max(longestGapNanos, next.longestGapNanos);
        }
    }

    private final String id;
    private final String tenant;
    private final int promptTokens;
    private final long arrivalNanos;
    private final long arrivalMillis; // since 1970
    private long submittedNanos = NEVER;
    private long queuedNanos = NEVER;
    private long fetchNanos = NEVER;
    private long admittedNanos = NEVER;
    private long firstTokenNanos = NEVER;
    private long finishedNanos = NEVER;
    private long lastStepNanos = NEVER;
    private CachedTokens cached = CachedTokens.NONE;
    private final List<Span> spans = new ArrayList<>();
    private int decodesOfSpan = 1; // how many decode steps make a span
    private int computed;
    private int preemptions;
    private int generated;
    private String end = "";

    Trace(String id, String tenant, int promptTokens, long arrivalNanos, long arrivalMillis) {
        this.id = id;
        this.tenant = tenant;
        this.promptTokens = promptTokens;
        this.arrivalNanos = arrivalNanos;
        this.arrivalMillis = arrivalMillis;
    }

    String id() {
        return id;
    }

    synchronized boolean isOver() {
        return !end.isEmpty();
    }

    synchronized void submitted(long nowNanos) {
        submittedNanos = nowNanos;
    }

    synchronized void queued(long nowNanos) {
        queuedNanos = queuedNanos == NEVER ? nowNanos : queuedNanos;
    }

    synchronized void admitted(CachedTokens found, long lookedNanos, long nowNanos) {
        cached = found;
        fetchNanos = lookedNanos;
        admittedNanos = nowNanos;
    }

    synchronized void computed(int from, int to, long beganNanos, long nowNanos) {
        boolean isDecode = from >= promptTokens || (to - from == 1 && to > promptTokens);
        if (to >= promptTokens && firstTokenNanos == NEVER) {
            firstTokenNanos = nowNanos;
        }
        endPreemption(beganNanos);
        Span span = new Span(isDecode ? Kind.DECODE : Kind.PREFILL, beganNanos, nowNanos, from, to);
        if (isDecode && lastStepNanos != NEVER) {
            span.longestGapNanos = nowNanos - lastStepNanos;
        }
        lastStepNanos = nowNanos;
        computed = to;
        generated = Math.max(generated, to - promptTokens + 1);
        add(span);
    }

    synchronized void preempted(long nowNanos) {
        preemptions++;
        lastStepNanos = NEVER;
        add(new Span(Kind.PREEMPTED, nowNanos, nowNanos, computed, computed));
    }

    synchronized void finished(FinishReason reason, RequestStats stats) {
        if (isOver()) {
            return;
        }
        endPreemption(stats.finishedNanos());
        end = reason.name().toLowerCase(Locale.ROOT);
        finishedNanos = stats.finishedNanos();
        generated = stats.generatedTokens();
        preemptions = Math.max(preemptions, stats.preemptions());
        if (admittedNanos == NEVER && stats.scheduledNanos() != 0) { // it ran on another node, which said so
            admittedNanos = stats.scheduledNanos();
        }
        if (firstTokenNanos == NEVER && stats.firstTokenNanos() != 0) {
            firstTokenNanos = stats.firstTokenNanos();
        }
        if (stats.cachedTokens().total() > cached.total()) {
            cached = stats.cachedTokens();
        }
    }

    synchronized void refused(String why, long nowNanos) {
        if (!isOver()) {
            end = why;
            finishedNanos = nowNanos;
        }
    }

    private void endPreemption(long nowNanos) {
        Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
        if (last != null && last.kind == Kind.PREEMPTED && last.toNanos == last.fromNanos) {
            last.toNanos = nowNanos;
        }
    }

    private void add(Span span) {
        Span last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
        if (last != null && span.kind == Kind.DECODE && last.kind == Kind.DECODE && last.steps < decodesOfSpan) {
            last.take(span);
            return;
        }
        spans.add(span);
        if (spans.size() > MOST_SPANS) {
            halve();
        }
    }

    private void halve() {
        decodesOfSpan *= 2;
        List<Span> fewer = new ArrayList<>(spans.size());
        for (Span span : spans) {
            Span last = fewer.isEmpty() ? null : fewer.get(fewer.size() - 1);
            if (last != null
                    && last.kind == span.kind
                    && span.kind != Kind.PREEMPTED
                    && last.steps + span.steps <= decodesOfSpan) {
                last.take(span);
            } else {
                fewer.add(span);
            }
        }
        spans.clear();
        // Preemptions alone could be too many; the first of them are the least of interest.
        spans.addAll(fewer.size() <= MOST_SPANS ? fewer : fewer.subList(fewer.size() - MOST_SPANS / 2, fewer.size()));
    }

    /** Returns a row of the table: tenant, state, arrival, prompt tokens, of these cached, generated tokens, TTFT, end to end, preemptions. */
    synchronized ArrayNode row() {
        ArrayNode row = JsonNodeFactory.instance
                .arrayNode()
                .add(tenant)
                .add(state())
                .add(arrivalMillis)
                .add(promptTokens)
                .add(cached.total())
                .add(generated);
        row.add(firstTokenNanos == NEVER ? -1 : Math.round((firstTokenNanos - arrivalNanos) / 1e5) / 10.0);
        row.add(finishedNanos == NEVER ? -1 : Math.round((finishedNanos - arrivalNanos) / 1e5) / 10.0);
        return row.add(preemptions);
    }

    private String state() {
        if (!end.isEmpty()) {
            return end;
        }
        if (admittedNanos == NEVER) {
            return "queued";
        }
        return firstTokenNanos == NEVER ? "prefill" : "decode";
    }

    /** Returns all of it; times are milliseconds after arrival, and left out where the moment hasn't come. */
    synchronized ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("tenant", tenant)
                .put("state", state())
                .put("arrival", arrivalMillis)
                .put("promptTokens", promptTokens)
                .put("generated", generated)
                .put("preemptions", preemptions);
        json.putObject("cached")
                .put("device", cached.device())
                .put("host", cached.host())
                .put("disk", cached.disk())
                .put("remote", cached.remote());
        ObjectNode at = json.putObject("at");
        put(at, "submitted", submittedNanos);
        put(at, "queued", queuedNanos);
        put(at, "fetch", fetchNanos);
        put(at, "admitted", admittedNanos);
        put(at, "firstToken", firstTokenNanos);
        put(at, "finished", finishedNanos);
        ArrayNode list = json.putArray("spans");
        for (Span span : spans) {
            list.addObject()
                    .put("kind", span.kind.name().toLowerCase(Locale.ROOT))
                    .put("begin", millis(span.fromNanos))
                    .put("end", millis(span.toNanos))
                    .put("from", span.from)
                    .put("to", span.to)
                    .put("steps", span.steps)
                    .put("longestGap", Math.round(span.longestGapNanos / 1e4) / 100.0);
        }
        return json;
    }

    private void put(ObjectNode into, String name, long nanos) {
        if (nanos != NEVER) {
            into.put(name, millis(nanos));
        }
    }

    private double millis(long nanos) {
        return Math.round((nanos - arrivalNanos) / 1e4) / 100.0;
    }

    /** Returns how many spans it has. */
    synchronized int spans() {
        return spans.size();
    }
}
