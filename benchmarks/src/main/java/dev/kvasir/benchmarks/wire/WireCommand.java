package dev.kvasir.benchmarks.wire;

import static dev.kvasir.benchmarks.report.TextTable.number;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench wire}: the data plane over loopback, from the command line. */
@Command(
        name = "wire",
        description = {
            "Times the data plane between two nodes in this process, over loopback, beside a plain NetSocket that checks and"
                    + " encrypts nothing: segments one way, and round trips of small queries, alone and beside segments.",
            "Runs of both alternate."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class WireCommand implements Callable<Integer> {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double[] PERCENTILES = {50, 99};

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--segment-bytes",
            paramLabel = "N",
            defaultValue = "1572864",
            description = "Bytes of a segment (default: ${DEFAULT-VALUE}).")
    private int segmentBytes;

    @Option(
            names = "--segments",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Segments a run (default: ${DEFAULT-VALUE}).")
    private int segments;

    @Option(
            names = "--query-bytes",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Bytes of a query, and of its answer (default: ${DEFAULT-VALUE}).")
    private int queryBytes;

    @Option(
            names = "--queries",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Queries a run (default: ${DEFAULT-VALUE}).")
    private int queries;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Measured runs, after one that isn't (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (segmentBytes < 1 || segments < 1 || queryBytes < 1 || queries < 1 || runs < 1) {
            throw new ParameterException(spec.commandLine(), "all numbers must be 1 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        double loadBefore = Machine.load();
        WireFigures wire = WireFigures.of("data plane");
        WireFigures socket = WireFigures.of("plain NetSocket");
        Vertx vertx = Vertx.vertx();
        try {
            PipeBenchmark ofWire = new PipeBenchmark(segmentBytes, segments, queryBytes, queries);
            PipeBenchmark ofSocket = new PipeBenchmark(segmentBytes, segments, queryBytes, queries);
            try (Pipe one = new WirePipe(vertx, Math.max(segmentBytes, queryBytes), ofWire);
                    Pipe other = new SocketPipe(vertx, queryBytes, ofSocket)) {
                run(ofWire, one, WireFigures.of("warm-up"));
                run(ofSocket, other, WireFigures.of("warm-up"));
                for (int i = 0; i < runs; i++) {
                    run(ofWire, one, wire);
                    run(ofSocket, other, socket);
                }
            }
        } finally {
            vertx.close().await();
        }
        double loadAfter = Machine.load();
        out.println(Machine.here());
        out.println(runs + " runs of " + segments + " segments of " + segmentBytes + " bytes and " + queries
                + " queries of " + queryBytes + " bytes; load average " + number(loadBefore, 2) + " before and "
                + number(loadAfter, 2) + " after");
        out.println();
        out.print(text(List.of(wire, socket)));
        out.flush();
        if (json != null) {
            JsonFile.write(json, toJson(List.of(wire, socket), loadBefore, loadAfter));
        }
        return 0;
    }

    private static void run(PipeBenchmark benchmark, Pipe pipe, WireFigures to) throws InterruptedException {
        benchmark.rate(pipe, to);
        benchmark.alone(pipe, to.alone());
        benchmark.beside(pipe, to.beside());
    }

    private static TextTable text(List<WireFigures> all) {
        TextTable table = new TextTable(
                "",
                "GB/s median",
                "min",
                "max",
                "CPU s per GB",
                "query alone p50 / p99, us",
                "beside segments p50 / p99, us");
        for (WireFigures figures : all) {
            table.row(
                    figures.name(),
                    number(figures.medianRate(), 2),
                    number(figures.slowest(), 2),
                    number(figures.fastest(), 2),
                    number(figures.medianCpu(), 2),
                    micros(figures.alone()),
                    micros(figures.beside()));
        }
        return table;
    }

    private static String micros(Histogram nanos) {
        return number(nanos.getValueAtPercentile(PERCENTILES[0]) / NANOS_PER_MICRO, 0) + " / "
                + number(nanos.getValueAtPercentile(PERCENTILES[1]) / NANOS_PER_MICRO, 0);
    }

    private ObjectNode toJson(List<WireFigures> all, double loadBefore, double loadAfter) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "wire");
        node.set("machine", Machine.here().toJson());
        JsonFile.put(node, "loadBefore", loadBefore);
        JsonFile.put(node, "loadAfter", loadAfter);
        node.put("segmentBytes", segmentBytes);
        node.put("segments", segments);
        node.put("queryBytes", queryBytes);
        node.put("queries", queries);
        ArrayNode array = node.putArray("figures");
        for (WireFigures figures : all) {
            ObjectNode one = array.addObject().put("name", figures.name());
            ArrayNode rates = one.putArray("gigabytesPerSecond");
            figures.gigabytesPerSecond().forEach(rates::add);
            ArrayNode cpu = one.putArray("cpuSecondsPerGigabyte");
            figures.cpuSecondsPerGigabyte().forEach(cpu::add);
            one.set("aloneNanos", percentiles(figures.alone()));
            one.set("besideNanos", percentiles(figures.beside()));
        }
        return node;
    }

    private static ObjectNode percentiles(Histogram nanos) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (double percentile : PERCENTILES) {
            node.put("p" + (int) percentile, nanos.getValueAtPercentile(percentile));
        }
        return node;
    }
}
