package dev.kvasir.benchmarks.nodes;

import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvasir bench cluster}: real processes with one pool. */
@Command(
        name = "cluster",
        description = {
            "Starts nodes of a cluster on this machine, has conversations about documents take turns, each at a node drawn at"
                    + " random, and counts what the pool of all nodes finds beside what one cache of the same size would find:"
                    + " hit tokens, accesses by node, bytes by kind, copies.",
            "Counts don't depend on the number of cores; times would, so there are none."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class NodesCommand implements Callable<Integer> {
    private static final int EXIT_UNUSABLE = 2;
    private static final int SEGMENT = 16;
    private static final int LEAST_SLOTS = 40; // of a node

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Directory of the checkpoint.")
    @SuppressWarnings("NullAway.Init") // required
    private Path model;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(
            names = "--share",
            paramLabel = "P,..",
            split = ",",
            defaultValue = "25,50,100,200",
            description =
                    "Sizes of the pool of all nodes, in percent of all distinct segments (default: ${DEFAULT-VALUE}).")
    private List<Integer> shares = List.of();

    @Option(
            names = "--routing",
            paramLabel = "R,..",
            split = ",",
            defaultValue = "pooled,cache-aware,least-loaded,round-robin",
            description = "Policies (default: ${DEFAULT-VALUE}).")
    private List<String> routings = List.of();

    @Option(
            names = "--reads",
            paramLabel = "R",
            defaultValue = "query",
            description = "How other nodes' segments are read: query, fetch or auto (default: ${DEFAULT-VALUE}).")
    private String reads = "";

    @Option(
            names = "--documents",
            paramLabel = "N",
            defaultValue = "12",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int documents;

    @Option(
            names = "--document-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of each (default: ${DEFAULT-VALUE}).")
    private int documentTokens;

    @Option(
            names = "--conversations",
            paramLabel = "N",
            defaultValue = "24",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int conversations;

    @Option(
            names = "--turns",
            paramLabel = "N",
            defaultValue = "5",
            description = "Turns of each (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--skew",
            paramLabel = "X",
            defaultValue = "1.0",
            description = "Zipf's exponent (default: ${DEFAULT-VALUE}).")
    private double skew;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Seed (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            NodesLoad load = new NodesLoad(documents, documentTokens, conversations, turns, 16, 16, skew, seed);
            out.println(Machine.here() + ", load average " + TextTable.number(Machine.load(), 2));
            out.println(nodes + " processes, " + load + ", segments of " + SEGMENT + " tokens, reads by " + reads);
            TextTable table = new TextTable(
                    "pool",
                    "routing",
                    "hit",
                    "one cache",
                    "remote",
                    "CV",
                    "queries MB",
                    "segments MB",
                    "loans KB",
                    "sent");
            for (int share : shares) {
                for (String routing : routings) {
                    run(load, share, routing, table);
                }
            }
            out.println();
            out.print(table);
            out.flush();
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println("kvasir: " + e.getMessage());
            return EXIT_UNUSABLE;
        }
    }

    /** All conversations once, on fresh nodes. */
    private void run(NodesLoad load, int share, String routing, TextTable table)
            throws IOException, InterruptedException {
        ModelConfig config = ModelDirectory.open(model).config();
        long segmentBytes = 2L * config.layers() * config.kvHeads() * SEGMENT * config.headDim() * Float.BYTES;
        int distinct = documents * (documentTokens / SEGMENT) + conversations * turns * 2;
        // Besides what it holds, a node needs slots for what it computes; so a small load's pool may be larger than
        // asked.
        int slots = Math.max(LEAST_SLOTS, distinct * share / 100 / nodes);
        int size = 100 * slots * nodes / distinct;
        Path home = Files.createTempDirectory("kvasir-nodes");
        List<NodeProcess> running = new ArrayList<>();
        try {
            for (int i = 0; i < nodes; i++) {
                running.add(NodeProcess.start(
                        home.resolve("log-" + i),
                        List.of(
                                "data.dir=" + home.resolve("data"),
                                "model.path=" + model.toAbsolutePath(),
                                "model.name=served",
                                "model.dtype=float32",
                                "model.threads=1",
                                "pool.segmentTokens=" + SEGMENT,
                                "pool.deviceBytes=" + slots * segmentBytes,
                                "pool.prefetch=wait",
                                "cluster.reads=" + reads,
                                "cluster.routing=" + routing)));
            }
            talk(load, running, slots, config.vocab(), size, routing, table);
        } finally {
            running.forEach(NodeProcess::close);
        }
    }

    private void talk(
            NodesLoad load, List<NodeProcess> running, int slots, int vocab, int size, String routing, TextTable table)
            throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(seed + 2);
        NodesLoad.OneCache one = new NodesLoad.OneCache(slots * nodes, SEGMENT);
        int[] subjects = load.subjects();
        int[][] said = new int[conversations][];
        long prompts = 0;
        long hits = 0;
        long remote = 0;
        long bound = 0;
        for (int conversation : load.order()) {
            int[] before =
                    said[conversation] == null ? load.document(subjects[conversation], vocab) : said[conversation];
            int[] prompt =
                    append(before, random.ints(load.questionTokens(), 3, vocab).toArray());
            NodeProcess.Reply reply = running.get(random.nextInt(nodes)).complete("served", prompt, load.replyTokens());
            prompts += prompt.length;
            hits += reply.cached();
            remote += reply.remote();
            bound += one.ask(prompt, reply.tokens());
            said[conversation] = append(prompt, reply.tokens());
        }
        double[] accesses = new double[nodes];
        double queries = 0;
        double segments = 0;
        double loans = 0;
        double sent = 0;
        for (int i = 0; i < nodes; i++) {
            NodeProcess node = running.get(i);
            accesses[i] = node.device().path("hit_tokens").asDouble();
            queries += node.metric("kvasir_wire_bytes_total", "channel=\"query\",direction=\"out\"");
            segments += node.metric("kvasir_wire_bytes_total", "channel=\"transfer\",direction=\"out\"");
            loans += node.metric("kvasir_wire_bytes_total", "channel=\"loan\",direction=\"out\"");
            sent += node.metric("kvasir_pool_sent_total", "");
        }
        table.row(
                size + " %",
                routing,
                percent(hits, prompts),
                percent(bound, prompts),
                percent(remote, prompts),
                TextTable.number(variation(accesses) * 100, 0) + " %",
                TextTable.number(queries / 1e6, 2),
                TextTable.number(segments / 1e6, 2),
                TextTable.number(loans / 1e3, 0),
                TextTable.number(sent, 0));
    }

    private static int[] append(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String percent(long part, long whole) {
        return TextTable.number(100.0 * part / whole, 1) + " %";
    }

    /** Standard deviation over mean. */
    private static double variation(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = Arrays.stream(values)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0);
        return mean == 0 ? 0 : Math.sqrt(squares) / mean;
    }
}
