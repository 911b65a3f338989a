package dev.kvasir.benchmarks.eviction;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.pool.eviction.EvictionPolicies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench eviction}: hit rates of eviction policies from the command line. */
@Command(
        name = "eviction",
        description = {
            "Counts how many segments of prompts are still in the pool when they are asked for again, by eviction policy"
                    + " and size of the pool. No model, no times: simulated traffic, and recorded traffic by --trace,"
                    + " goes through a real pool's books.",
            "scan: hot prompts by Zipf, joined for a while by ten pools of prompts that never come again. shift: the hot"
                    + " prompts are others from one request to the next. bursts: beside them, prompts that are asked five"
                    + " times within short and never again. conversations: 64 of several turns each."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class EvictionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--traffic",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "scan,shift,bursts,conversations",
            description = "Simulated traffic to replay (default: ${DEFAULT-VALUE}).")
    private List<String> names = List.of();

    @Option(
            names = "--slots",
            paramLabel = "N",
            split = ",",
            defaultValue = "512,1024,2048,4096",
            description = "Sizes of the pool in segments for simulated traffic (default: ${DEFAULT-VALUE}).")
    private List<Integer> slots = List.of();

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Also replay a trace: JSON lines with hash_ids, a number for each block of a prompt.")
    private @Nullable Path trace;

    @Option(
            names = "--trace-slots",
            paramLabel = "N",
            split = ",",
            defaultValue = "2000,10000,50000",
            description = "Sizes of the pool in blocks for the trace (default: ${DEFAULT-VALUE}).")
    private List<Integer> traceSlots = List.of();

    @Option(
            names = "--readers",
            paramLabel = "N",
            defaultValue = "4",
            description = "Requests that run at once, whose segments can't be evicted (default: ${DEFAULT-VALUE}).")
    private int readers;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of simulated traffic (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rates as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<EvictionResult> results = new ArrayList<>();
        try {
            for (Traffic traffic : simulated()) {
                replay(traffic, slots, results);
            }
            if (trace != null) {
                replay(TraceTraffic.read(trace), traceSlots, results);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        out.println("share of prompt segments found, " + readers + " requests at once; traffic is simulated, seed "
                + seed + (trace == null ? "" : ", but for " + trace.getFileName() + ", which is replayed"));
        out.println();
        out.print(EvictionReport.text(results));
        out.flush();
        if (json != null) {
            JsonFile.write(json, toJson(results));
        }
        return 0;
    }

    private List<Traffic> simulated() {
        return names.stream()
                .<Traffic>map(name -> switch (name) {
                    case "scan" -> new ScanTraffic(seed);
                    case "shift" -> new ShiftTraffic(seed);
                    case "bursts" -> new BurstTraffic(seed);
                    case "conversations" -> new ConversationTraffic(seed);
                    default ->
                        throw new IllegalArgumentException(
                                "there is scan, shift, bursts and conversations, but no traffic " + name);
                })
                .toList();
    }

    private void replay(Traffic traffic, List<Integer> sizes, List<EvictionResult> results) {
        for (int size : sizes) {
            List<Request> requests = traffic.requests(size);
            HitCounts ceiling = PoolReplay.ceiling(requests);
            Map<EvictionPolicies, HitCounts> found = new EnumMap<>(EvictionPolicies.class);
            for (EvictionPolicies policy : EvictionPolicies.values()) {
                found.put(policy, PoolReplay.replay(requests, policy.create(size), size, readers));
            }
            for (String group : ceiling.groups()) {
                Map<EvictionPolicies, Double> rates = new EnumMap<>(EvictionPolicies.class);
                found.forEach((policy, counts) -> rates.put(policy, counts.rate(group)));
                results.add(new EvictionResult(
                        traffic.name(),
                        size,
                        group,
                        ceiling.requests(group),
                        ceiling.asked(group),
                        ceiling.rate(group),
                        rates));
            }
        }
    }

    private ObjectNode toJson(List<EvictionResult> results) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "eviction");
        node.put("traffic", "simulated, but for what is named like a file");
        node.put("seed", seed);
        node.put("readers", readers);
        node.set("results", EvictionReport.json(results));
        return node;
    }
}
