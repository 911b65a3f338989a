package dev.kvasir.benchmarks.cluster;

/**
 * A line of the report.
 *
 * @param workload its name
 * @param percent memory of all nodes, of the working set
 * @param slots of all nodes
 * @param routing the policy's name
 * @param cache whose segments a request finds
 */
record SimRow(String workload, int percent, int slots, String routing, String cache, SimCounts counts) {}
