package dev.kvasir.benchmarks.cluster;

import java.util.List;

/** The words around the tables. */
final class ClusterSimText {
    private ClusterSimText() {}

    static String head(String command, int nodes, int running) {
        return """
            # Several nodes, simulated

            Everything here is **simulated**: the routing policies and the placement are the objects that a cluster runs, nodes are slot
            counts with a queue, the network is a sum of bytes. The figures are counts; the same command gives the same ones on any machine,
            under any load. They say nothing about time.

            ```
            %s
            ```

            %d nodes, each runs %d requests at once; the first quarter of the requests warms up and isn't counted. Bytes are
            those of segments of 64 tokens, 12 layers, 2 KV heads and 6 query heads of 32 elements of 4 bytes (the shape of kvasir-mini).

            | column | what it is |
            |---|---|
            | memory %% | slots of all nodes, of the segments that all prompts have |
            | cache | `pool`: a segment is found wherever it lies; `own`: each node finds its own; `one LRU`: one node with all the memory and all the places, which evicts what was used the longest time ago |
            | hit %% | prompt tokens that were found |
            | remote %% | prompt tokens that were found on another node than the request's |
            | CV %% | coefficient of variation over nodes of tokens read from their segments in 10 s, mean of all windows |
            | duplicates %% | copies of segments beyond the first, replicas not counted, of all that is held; mean over time |
            | left | such copies after the last request, three epochs later |
            | replicas %% | copies made because a segment is hot, of all that is held; mean over time |
            | query, fetch GB | bytes of reading prefixes on other nodes, by what travels: as `ReadPlanner` chooses where it isn't said |
            | put GB | bytes of new segments that were sent to another node |
            | move GB | bytes of rebalancing |
            | replicate GB | bytes of replicas |
            """.formatted(command, nodes, running);
    }

    static String section(Workload workload, List<SimRow> rows) {
        return "\n## " + Character.toUpperCase(workload.name().charAt(0))
                + workload.name().substring(1) + "\n\n"
                + workload.description() + ": " + workload.requests() + " requests, whose prompts have "
                + workload.workingSet() + " different segments.\n\n" + SimReport.markdown(rows);
    }
}
