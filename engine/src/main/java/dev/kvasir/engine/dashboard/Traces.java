package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.RequestWatch;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.ReuseDistances;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestEvents;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The traces of the requests that live and of the last ones that have ended, those of this node's door and those that it runs for others. Thread-safe. An
 * event costs a look-up under a lock that hardly anybody else wants.
 */
public final class Traces implements RequestEvents, RequestWatch {
    /** More than live requests there can be, but for those that were refused in the same moment. */
    static final int MOST_LIVE = 2048;

    static final int MOST_ENDED = 256;
    private static final int SHOWN_LIVE = 50;
    private static final int SHOWN_ENDED = 50;

    private final LongSupplier epochMillis;
    private final LongSupplier nanoTime;
    private final TenantHits tenants;
    private final Map<String, Trace> live = new LinkedHashMap<>(); // by id, the oldest first
    private final Deque<Trace> ended = new ArrayDeque<>(); // the latest first
    private long refused;
    private volatile @Nullable ReuseDistances reuse;

    /**
     * Creates traces of nothing.
     *
     * @param epochMillis milliseconds since 1970
     * @param nanoTime the scheduler's clock
     * @param tenants is told what each tenant's prompts have found
     */
    public Traces(LongSupplier epochMillis, LongSupplier nanoTime, TenantHits tenants) {
        this.epochMillis = epochMillis;
        this.nanoTime = nanoTime;
        this.tenants = tenants;
    }

    /** Has somebody told of every prompt that is looked up. */
    public void learn(ReuseDistances distances) {
        reuse = distances;
    }

    @Override
    public void onSubmitted(GenerationRequest request, long nowNanos) {
        of(request, nowNanos).submitted(nowNanos);
    }

    @Override
    public synchronized void onRefused(String id, Scheduler.Submission why) {
        refused++;
        Trace trace = live.get(id);
        if (trace != null) {
            trace.refused(why.name().toLowerCase(Locale.ROOT), nanoTime.getAsLong());
            end(trace);
        }
    }

    @Override
    public void onEnded(String id, FinishReason reason, RequestStats stats) {
        onFinished(id, reason, stats);
    }

    @Override
    public void onQueued(GenerationRequest request, long nowNanos) {
        of(request, nowNanos).queued(nowNanos);
    }

    @Override
    public void onAdmitted(
            GenerationRequest request, CachedTokens cached, int lookedUp, long fetchNanos, long nowNanos) {
        if (lookedUp > 0) {
            ReuseDistances distances = reuse;
            if (distances != null) {
                distances.lookedUp(request.cacheRoot(), request.prompt(), lookedUp);
            }
            tenants.lookedUp(SegmentIdentity.tenantAlias(request.cacheRoot()), lookedUp, cached.total());
        }
        find(request.id()).ifPresent(trace -> trace.admitted(cached, fetchNanos, nowNanos));
    }

    @Override
    public void onComputed(String id, int from, int to, long beganNanos, long nowNanos) {
        find(id).ifPresent(trace -> trace.computed(from, to, beganNanos, nowNanos));
    }

    @Override
    public void onPreempted(String id, long nowNanos) {
        find(id).ifPresent(trace -> trace.preempted(nowNanos));
    }

    @Override
    public synchronized void onFinished(String id, FinishReason reason, RequestStats stats) {
        Trace trace = live.get(id);
        if (trace != null) {
            trace.finished(reason, stats);
            end(trace);
        }
    }

    /** Returns everything about one request, if it lives or was one of the last. */
    public synchronized Optional<ObjectNode> json(String id) {
        Trace trace = live.get(id);
        if (trace == null) {
            trace = ended.stream()
                    .filter(past -> past.id().equals(id))
                    .findFirst()
                    .orElse(null);
        }
        return Optional.ofNullable(trace).map(Trace::json);
    }

    /** Returns rows by id: the oldest that live, and the last that have ended. */
    ObjectNode rows() {
        List<Trace> shown = new ArrayList<>(SHOWN_LIVE + SHOWN_ENDED);
        synchronized (this) {
            live.values().stream().limit(SHOWN_LIVE).forEach(shown::add);
            ended.stream().limit(SHOWN_ENDED).forEach(shown::add);
        }
        ObjectNode rows = JsonNodeFactory.instance.objectNode();
        shown.forEach(trace -> rows.set(trace.id(), trace.row()));
        return rows;
    }

    /** Returns how many requests were refused since the start. */
    synchronized long refused() {
        return refused;
    }

    private synchronized Optional<Trace> find(String id) {
        return Optional.ofNullable(live.get(id));
    }

    private synchronized Trace of(GenerationRequest request, long nowNanos) {
        Trace known = live.get(request.id());
        if (known != null) {
            return known;
        }
        long ageMillis = (nowNanos - request.arrivalNanos()) / 1_000_000;
        Trace trace = new Trace(
                request.id(),
                SegmentIdentity.tenantAlias(request.cacheRoot()),
                request.promptTokens(),
                request.arrivalNanos(),
                epochMillis.getAsLong() - ageMillis);
        live.put(request.id(), trace);
        if (live.size() > MOST_LIVE) {
            live.remove(live.keySet().iterator().next());
        }
        return trace;
    }

    private void end(Trace trace) {
        live.remove(trace.id());
        ended.addFirst(trace);
        if (ended.size() > MOST_ENDED) {
            ended.removeLast();
        }
    }
}
