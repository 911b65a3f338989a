package dev.kvasir.scheduler.elastic;

import dev.kvasir.scheduler.elastic.ElasticPlan.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Plans which prompts are computed together, and by how many nodes. */
public final class ElasticPlanner {
    private final StepTimeModel model;
    private final double loss;

    /** Creates a planner that believes a model, by which nodes lose nothing by talking to each other. */
    public ElasticPlanner(StepTimeModel model) {
        this(model, 1);
    }

    /**
     * Creates a planner that believes a model.
     *
     * @param loss times that several nodes take over what the model says
     */
    public ElasticPlanner(StepTimeModel model, double loss) {
        if (!(loss > 0)) {
            throw new IllegalArgumentException("nodes can't take " + loss + " times as long");
        }
        this.model = model;
        this.loss = loss;
    }

    private double seconds(StepWork work, int nodes) {
        return model.seconds(work, nodes) * (nodes > 1 ? loss : 1);
    }

    /**
     * Plans prompts for one step. If no plan meets all targets, they don't count.
     *
     * @param requests in any order
     * @param nodes there are, at least one
     * @param cacheLoad the part of the nodes that attention over cached prefixes takes, from 0 to below 1; the rest computes
     */
    public ElasticPlan plan(List<ElasticRequest> requests, int nodes, double cacheLoad) {
        if (nodes < 1 || !(cacheLoad >= 0 && cacheLoad < 1)) {
            throw new IllegalArgumentException("can't plan for " + nodes + " nodes with a cache load of " + cacheLoad);
        }
        List<Integer> order = IntStream.range(0, requests.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> requests.get(i).context()))
                .toList();
        List<ElasticRequest> sorted = order.stream().map(requests::get).toList();
        BatchTimes times = times(sorted, cacheLoad);
        double[] targets =
                sorted.stream().mapToDouble(ElasticRequest::targetSeconds).toArray();

        Optional<Partition> within = Partition.cheapest(targets, nodes, times);
        double[] none = new double[targets.length];
        Arrays.fill(none, Double.POSITIVE_INFINITY);
        Partition partition =
                within.or(() -> Partition.cheapest(none, nodes, times)).orElseThrow();
        List<Batch> batches = new ArrayList<>();
        for (Partition.Cut cut : partition.cuts()) {
            double seconds = times.seconds(cut.from(), cut.to(), cut.nodes());
            batches.add(new Batch(order.subList(cut.from(), cut.to()), cut.nodes(), seconds));
        }
        return new ElasticPlan(batches, partition.cost(), within.isPresent());
    }

    /** Returns the least time that all these take on all nodes without any cached prefix: what the cache's load is measured by. */
    public double idealSeconds(List<ElasticRequest> requests, int nodes) {
        StepWork work = StepWork.NONE;
        for (ElasticRequest request : requests) {
            work = work.plus(StepWork.prefill(0, request.newTokens()));
        }
        return model.seconds(work, nodes);
    }

    private BatchTimes times(List<ElasticRequest> sorted, double cacheLoad) {
        StepWork[] upTo = new StepWork[sorted.size() + 1]; // of requests [0, i)
        upTo[0] = StepWork.NONE;
        for (int i = 0; i < sorted.size(); i++) {
            ElasticRequest request = sorted.get(i);
            upTo[i + 1] = upTo[i].plus(StepWork.prefill(request.prefixTokens(), request.newTokens()));
        }
        return (from, to, nodes) -> {
            StepWork work = new StepWork(
                    upTo[to].newTokens() - upTo[from].newTokens(), upTo[to].attention() - upTo[from].attention(), 0);
            return seconds(work, nodes) / (1 - cacheLoad);
        };
    }
}
