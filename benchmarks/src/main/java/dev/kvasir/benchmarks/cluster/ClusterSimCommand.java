package dev.kvasir.benchmarks.cluster;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.options.EnumConverter;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench cluster-sim}: simulated nodes with real policies, from the command line. */
@Command(
        name = "cluster-sim",
        description = {
            "Simulates several nodes with the policies that a cluster runs, and counts what requests find in caches,"
                    + " how evenly nodes are read, what is held twice and which bytes would go over links. No model, no"
                    + " network, no times.",
            "Each routing policy runs twice: over one pool of all nodes' segments, and with a cache of its own for each"
                    + " node. Beside them is one node with all the memory."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ClusterSimCommand implements Callable<Integer> {
    private static final int LAYERS = 12;
    private static final int HEADS = 6;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 32;
    private static final double WINDOW_SECONDS = 10;
    private static final double WARM_UP = 0.25;
    private static final double PREFILL_TOKEN_SECONDS = 2e-4;
    private static final double OUTPUT_TOKEN_SECONDS = 1e-2;
    private static final double MICRO = 1e3; // nanoseconds

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "4", description = "Nodes (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--percent",
            paramLabel = "N",
            split = ",",
            defaultValue = "25,50,100,150,200",
            description = "Memory of all nodes together, in per cent of the working set (default: ${DEFAULT-VALUE}).")
    private List<Integer> percents = List.of();

    @Option(
            names = "--running",
            paramLabel = "N",
            defaultValue = "16",
            description = "Requests that a node runs at once (default: ${DEFAULT-VALUE}).")
    private int running;

    @Option(
            names = "--sessions",
            paramLabel = "N",
            defaultValue = "1500",
            description = "Conversations of the simulated traffic (default: ${DEFAULT-VALUE}); 0: none.")
    private int sessions;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "3",
            description = "Of these begin a second (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description =
                    "Also replay a trace in Mooncake's format: JSON lines with timestamp, output_length, hash_ids.")
    private @Nullable Path trace;

    @Option(
            names = "--trace-requests",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "At most so many of its requests.")
    private int traceRequests;

    @Option(
            names = "--reads",
            paramLabel = "WAY",
            description = "How prefixes on other nodes are read, query or fetch (default: as is faster).",
            converter = WayConverter.class)
    private @Nullable Way reads;

    @Option(
            names = "--link-gigabytes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Gigabytes a second between nodes (default: ${DEFAULT-VALUE}).")
    private double linkGigabytes;

    @Option(
            names = "--round-trip-micros",
            paramLabel = "N",
            defaultValue = "100",
            description = "Round trip between nodes (default: ${DEFAULT-VALUE}).")
    private double roundTripMicros;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--markdown", paramLabel = "FILE", description = "Also write the report to a file.")
    private @Nullable Path markdown;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the counts as JSON.")
    private @Nullable Path json;

    /** Takes a way by its name. */
    static final class WayConverter extends EnumConverter<Way> {
        WayConverter() {
            super(Way.class);
        }
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        StringBuilder report = new StringBuilder(ClusterSimText.head(command(), nodes, running));
        List<SimRow> all = new ArrayList<>();
        try {
            List<Workload> workloads = new ArrayList<>();
            if (sessions > 0) {
                workloads.add(DocumentChats.draw(seed, sessions, rate));
            }
            if (trace != null) {
                workloads.add(TraceSessions.read(trace, traceRequests));
            }
            for (Workload workload : workloads) {
                List<SimRow> rows = simulate(workload);
                report.append(ClusterSimText.section(workload, rows));
                all.addAll(rows);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        out.print(report);
        out.flush();
        if (markdown != null) {
            Files.writeString(markdown, report);
        }
        if (json != null) {
            JsonFile.write(json, toJson(all));
        }
        return 0;
    }

    /** Returns how this was called, without the folders of files. */
    private String command() {
        StringBuilder command = new StringBuilder("bin/kvasir bench cluster-sim");
        for (String argument : spec.commandLine().getParseResult().originalArgs()) {
            command.append(' ').append(argument.substring(argument.lastIndexOf('/') + 1));
        }
        return command.toString();
    }

    private List<SimRow> simulate(Workload workload) {
        int workingSet = workload.workingSet();
        List<SimRow> rows = new ArrayList<>();
        for (int percent : percents) {
            int slots = Math.max(1, (int) ((long) workingSet * percent / 100 / nodes));
            for (RoutingPolicies routing : RoutingPolicies.values()) {
                for (boolean pooled : new boolean[] {true, false}) {
                    SimConfig config = config(slots, pooled, routing, reads);
                    rows.add(row(workload, percent, routing.toString(), pooled ? "pool" : "own", config));
                }
            }
            for (Way way : reads == null ? Way.values() : new Way[0]) {
                SimConfig config = config(slots, true, RoutingPolicies.POOLED, way);
                String cache = "pool, always " + way.name().toLowerCase(Locale.ROOT);
                rows.add(row(workload, percent, RoutingPolicies.POOLED.toString(), cache, config));
            }
            SimConfig one =
                    config(slots, false, RoutingPolicies.ROUND_ROBIN, reads).asOneBigNode();
            rows.add(row(workload, percent, "(one node)", "one LRU", one));
        }
        return rows;
    }

    private static SimRow row(Workload workload, int percent, String routing, String cache, SimConfig config) {
        SimCounts counts = Simulation.run(config, workload);
        return new SimRow(workload.name(), percent, config.slots() * config.nodes(), routing, cache, counts);
    }

    private SimConfig config(int slots, boolean pooled, RoutingPolicies routing, @Nullable Way way) {
        return new SimConfig(
                nodes,
                slots,
                running,
                pooled,
                routing,
                new KvLayout(LAYERS, KV_HEADS, HEAD_DIM, Chains.SEGMENT_TOKENS, KvDtype.FLOAT32),
                HEADS,
                new Link(linkGigabytes * 1e9, roundTripMicros * MICRO),
                way,
                PREFILL_TOKEN_SECONDS,
                OUTPUT_TOKEN_SECONDS,
                WARM_UP,
                WINDOW_SECONDS,
                seed);
    }

    private ObjectNode toJson(List<SimRow> rows) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "cluster-sim");
        node.put("simulated", true);
        node.put("seed", seed);
        node.put("nodes", nodes);
        node.set("results", SimReport.json(rows));
        return node;
    }
}
