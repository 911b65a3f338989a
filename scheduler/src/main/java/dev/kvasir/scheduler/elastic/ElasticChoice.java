package dev.kvasir.scheduler.elastic;

import dev.kvasir.pool.CacheInterface;
import dev.kvasir.pool.CachePlans;
import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CacheView;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.scheduler.elastic.StepTimeFit.Sample;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets a dynamic program over the times that steps have taken here decide how many of the nodes that have nothing to do compute a prompt, and the pool which ones. */
public final class ElasticChoice implements NodeChoice {
    /*
     * Each node decides for prompts that wait in its own queue, so nodes with work of their own are left alone; two that ask the same idle node at once both get it, and it
     * computes shares of both.
     *
     * What nodes lose by talking to each other isn't in the step-time model. It's learned: the time that groups took over what the model says, as a moving average. Each
     * prompt that is computed alone for that reason brings it a little nearer to 1 again, so that a network which was slow once is tried again one day.
     */

    /** How it's decided. */
    public enum Mode {
        /** By expected times. */
        AUTO,
        /** As many nodes as there are idle ones, whatever it takes: for measurements and tests. */
        ALWAYS
    }

    /**
     * What is decided about.
     *
     * @param minTokens tokens of a prompt that aren't cached, from which on it's asked at all
     */
    public record Config(Mode mode, int minTokens) {
        public Config {
            if (minTokens < 1) {
                throw new IllegalArgumentException("no prompt has " + minTokens + " tokens");
            }
        }
    }

    /**
     * A decision, for logs.
     *
     * @param cachedTokens of the prompt, anywhere
     * @param newTokens of the prompt
     * @param idleNodes that could take part, this one included
     * @param nodes that do
     * @param aloneSeconds that one node would take by the model; NaN if nothing is known yet
     * @param seconds that all of these will take by it, with what groups have lost so far
     */
    public record Decision(
            int cachedTokens, int newTokens, int idleNodes, List<Integer> nodes, double aloneSeconds, double seconds) {}

    /** Each member of a group tells each other one of each of its shares. */
    private static final int MOST_NODES = 32;

    private static final int SAMPLES = 128; // of each phase
    private static final double WEIGHT = 0.3;
    private static final double FORGET = 0.02;
    private static final double LEAST_R_SQUARED = 0.5;

    private final CacheInterface cache;
    private final int self;
    private final Config config;
    private final Consumer<Decision> onDecision;
    private final Deque<Sample> prefills = new ArrayDeque<>();
    private final Deque<Sample> decodes = new ArrayDeque<>();
    private @Nullable StepTimeModel model;
    private boolean stale; // samples have come since it was fitted
    private double loss = 1; // times that groups take over what the model says
    private final LongAdder alone = new LongAdder();
    private final LongAdder together = new LongAdder();

    /**
     * Creates one for a node.
     *
     * @param self its number
     * @param onDecision told of each decision, on the step thread
     */
    public ElasticChoice(CacheInterface cache, int self, Config config, Consumer<Decision> onDecision) {
        this.cache = cache;
        this.self = self;
        this.config = config;
        this.onDecision = onDecision;
    }

    @Override
    public boolean isWorthAsking(int newTokens) {
        return newTokens >= config.minTokens;
    }

    @Override
    public List<List<Integer>> choose(List<CacheRequest> prompts) {
        CacheView all = cache.prefixes(prompts);
        List<NodeStatus> idle = idle(all);
        CacheView view = new CacheView(all.hits(), idle);
        List<List<Integer>> chosen = new ArrayList<>(Collections.nCopies(prompts.size(), List.of()));
        StepTimeModel times = config.mode == Mode.AUTO ? fitted() : null;
        if (idle.size() > 1 && config.mode == Mode.ALWAYS) {
            for (int i = 0; i < prompts.size(); i++) {
                chosen.set(i, idle.stream().map(NodeStatus::node).toList());
            }
        } else if (idle.size() > 1 && times != null) {
            plan(prompts, view, times, chosen);
        }
        for (int i = 0; i < prompts.size(); i++) {
            int cached = view.hits().get(i).tokens();
            StepWork work = StepWork.prefill(cached, prompts.get(i).tokens().length - cached);
            int nodes = Math.max(1, chosen.get(i).size());
            (nodes > 1 ? together : alone).increment();
            onDecision.accept(new Decision(
                    cached,
                    (int) work.newTokens(),
                    idle.size(),
                    nodes > 1 ? chosen.get(i) : List.of(self),
                    times == null ? Double.NaN : times.seconds(work, 1),
                    times == null ? Double.NaN : times.seconds(work, nodes) * (nodes > 1 ? loss : 1)));
        }
        return chosen;
    }

    private List<NodeStatus> idle(CacheView view) {
        List<NodeStatus> idle =
                new ArrayList<>(view.nodes().stream().filter(this::isIdle).toList());
        while (idle.size() > MOST_NODES) {
            int last = idle.size() - 1;
            idle.remove(idle.get(last).node() == self ? last - 1 : last);
        }
        return idle;
    }

    private boolean isIdle(NodeStatus node) {
        return node.node() == self
                || (node.canCompute() && !node.draining() && node.running() == 0 && node.waiting() == 0);
    }

    private void plan(List<CacheRequest> prompts, CacheView view, StepTimeModel times, List<List<Integer>> chosen) {
        List<ElasticRequest> requests = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int cached = view.hits().get(i).tokens();
            requests.add(new ElasticRequest(cached, prompts.get(i).tokens().length - cached, Double.POSITIVE_INFINITY));
        }
        ElasticPlanner planner = new ElasticPlanner(times, loss);
        int nodes = view.nodes().size();
        double ideal = planner.idealSeconds(requests, nodes);
        ElasticPlan plan = planner.plan(requests, nodes, cache.load(prompts, view, ideal));
        List<CachePlans.Batch> batches = plan.batches().stream()
                .map(batch -> new CachePlans.Batch(batch.requests(), batch.nodes()))
                .toList();
        List<List<Integer>> groups = cache.plans(prompts, view, batches).groups();
        for (int b = 0; b < batches.size(); b++) {
            if (batches.get(b).degree() > 1) {
                List<Integer> group = withSelf(groups.get(b));
                batches.get(b).requests().forEach(request -> chosen.set(request, group));
            } else {
                loss -= FORGET * (loss - 1);
            }
        }
    }

    /** The request's own node is always one of them, since it computes the end of the prompt and what follows. */
    private List<Integer> withSelf(List<Integer> group) {
        if (group.contains(self)) {
            return group;
        }
        List<Integer> with = new ArrayList<>(group);
        with.set(with.size() - 1, self);
        return with;
    }

    @Override
    public void onStep(StepWork work, double seconds) {
        Deque<Sample> samples = work.attention() > 0 ? prefills : decodes;
        if (samples.size() == SAMPLES) {
            samples.remove();
        }
        samples.add(new Sample(work, seconds));
        stale = true;
    }

    /** Returns the model of the steps so far, null if they don't tell enough. */
    private @Nullable StepTimeModel fitted() {
        if (stale) {
            stale = false;
            List<Sample> samples = new ArrayList<>(prefills);
            samples.addAll(decodes);
            Optional<StepTimeFit> fit = prefills.isEmpty() ? Optional.empty() : StepTimeFit.of(samples);
            model = fit.filter(good -> good.rSquared() >= LEAST_R_SQUARED)
                    .map(StepTimeFit::model)
                    .map(StepTimeModel::withoutNegativeTerms)
                    .filter(made -> made.c1() > 0)
                    .orElse(model);
        }
        return model;
    }

    @Override
    public void onGroup(CacheRequest prompt, int newTokens, int nodes, double seconds) {
        StepTimeModel times = fitted();
        if (times != null) {
            int cached = Math.max(0, prompt.tokens().length - newTokens);
            double expected = times.seconds(StepWork.prefill(cached, newTokens), nodes);
            loss += WEIGHT * (seconds / expected - loss);
        }
    }

    /** Returns how many prompts of those that were asked about were left to one node. Thread-safe. */
    public long alone() {
        return alone.sum();
    }

    /** Returns how many were given to several nodes. Thread-safe. */
    public long together() {
        return together.sum();
    }
}
