package dev.kvasir.benchmarks.eviction;

import dev.kvasir.pool.eviction.EvictionPolicies;
import java.util.Map;

/**
 * What was found of one group of requests.
 *
 * @param traffic name of the traffic
 * @param slots size of the pool in segments
 * @param group which of the requests
 * @param requests how many they are
 * @param segments how many segments their prompts have
 * @param ceiling share that would be found if nothing were evicted, from 0 to 1
 * @param rates share that was found, by policy
 */
record EvictionResult(
        String traffic,
        int slots,
        String group,
        long requests,
        long segments,
        double ceiling,
        Map<EvictionPolicies, Double> rates) {}
