package dev.kvasir.pool;

import java.util.List;

/**
 * What a scheduler may ask of the cache of all nodes: the control half of TokenLake's declarative interface (arXiv 2508.17219). The scheduler says what
 * is to be computed, and by how many nodes; the pool says by which, and what travels. So the scheduler holds no state about keys and values and knows
 * nothing of placement.
 *
 * <pre>
 *   get_prefix_tree            prefixes
 *   get_cache_load             load
 *   gen_plans                  plans
 *   init_query, query          the data plane: queries, planned as reads
 *   init_transfer, put         the data plane: transfers, planned as puts
 * </pre>
 *
 * <p>Belongs to the pool's thread. Nothing here waits or changes anything; what is said holds as long as the directory's view does.
 */
public interface CacheInterface {
    /** Returns how much of each request is somewhere in the pool, where, and how full the nodes are. Costs a digest for each segment of the prompts. */
    CacheView prefixes(List<CacheRequest> requests);

    /**
     * Returns which part of the nodes' capability attention over cached prefixes will take if these requests run, from 0 to below 1.
     *
     * @param view what {@link #prefixes} said of the same requests
     * @param idealSeconds what the step would take at least, without cached prefixes, as the scheduler's model has it; greater than 0
     */
    double load(List<CacheRequest> requests, CacheView view, double idealSeconds);

    /**
     * Returns nodes for batches, so that few bytes go over links.
     *
     * @param requests that the batches are made of
     * @param view what {@link #prefixes} said of them
     * @throws IllegalArgumentException if the batches ask for more nodes than can compute
     */
    CachePlans plans(List<CacheRequest> requests, CacheView view, List<CachePlans.Batch> batches);
}
