package dev.kvasir.benchmarks.guides;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;
import dev.kvasir.runner.Guides.GuideException;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.guided.GuideCompiler;
import dev.kvasir.runner.synthetic.RandomSchemas;
import dev.kvasir.runner.synthetic.SyntheticTokenizer;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvasir bench guides}: how long schemas take to compile, and masks to be filled. */
@Command(
        name = "guides",
        description = {
            "Measures guided decoding without a model: random schemas are compiled once each, and random texts of them written token by token.",
            "`bench step --guided` measures the same within steps of a model."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class GuidesCommand implements Callable<Integer> {
    private static final int MOST_BYTES = 4096;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Directory with a tokenizer.json; without one a synthetic one is made.")
    private @Nullable Path directory;

    @Option(
            names = "--vocab",
            paramLabel = "N",
            defaultValue = "151936",
            description = "Tokens of the synthetic vocabulary (default: ${DEFAULT-VALUE}).")
    private int vocab;

    @Option(
            names = "--schemas",
            paramLabel = "N",
            defaultValue = "500",
            description = "How many schemas, each below 4 KB (default: ${DEFAULT-VALUE}).")
    private int schemas;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "40",
            description = "Most tokens to write of each (default: ${DEFAULT-VALUE}).")
    private int tokens;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of schemas and texts (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws IOException, GuideException {
        PrintWriter out = spec.commandLine().getOut();
        Path folder = directory;
        if (folder == null) {
            folder = Files.createTempDirectory("kvasir-guides");
            SyntheticTokenizer.byteLevel(vocab).write(folder);
        }
        double loadBefore = Machine.load();
        try (Tokenizer tokenizer = HfTokenizer.load(folder)) {
            long begun = System.nanoTime();
            GuideCompiler guides = new GuideCompiler(tokenizer, System::nanoTime);
            double prepareMillis = millis(System.nanoTime() - begun);
            warm(tokenizer);
            List<Long> compile = new ArrayList<>();
            List<Long> first = new ArrayList<>();
            List<Long> again = new ArrayList<>();
            long bytes = 0;
            RandomSchemas source = new RandomSchemas(new SplittableRandom(seed));
            for (int i = 0; i < schemas; ) {
                String schema = spec(source.next());
                if (schema.length() >= MOST_BYTES) {
                    continue;
                }
                i++;
                bytes += schema.length();
                long compiling = System.nanoTime();
                Guide guide = guides.compile(new GuideSpec(schema));
                compile.add(System.nanoTime() - compiling);
                write(guide, tokenizer, new SplittableRandom(seed + i), first);
                write(guide, tokenizer, new SplittableRandom(seed + i), again);
            }
            out.println(Machine.here());
            out.println(tokenizer.vocab() + " tokens, " + schemas + " schemas of " + bytes / schemas
                    + " bytes on average; load average " + TextTable.number(loadBefore, 2) + " before and "
                    + TextTable.number(Machine.load(), 2) + " after");
            out.println();
            out.printf("vocabulary prepared in %.0f ms%n", prepareMillis);
            print(out, "compile a schema", compile);
            print(out, "fill a mask, text new", first);
            print(out, "fill a mask, text again", again);
            out.flush();
        }
        return 0;
    }

    /** Has the JIT compile what is measured, on other schemas and another compiler. */
    private void warm(Tokenizer tokenizer) throws GuideException {
        GuideCompiler guides = new GuideCompiler(tokenizer, System::nanoTime);
        RandomSchemas source = new RandomSchemas(new SplittableRandom(seed + 1_000_003));
        for (int i = 0; i < 50; i++) {
            write(
                    guides.compile(new GuideSpec(spec(source.next()))),
                    tokenizer,
                    new SplittableRandom(i),
                    new ArrayList<>());
        }
    }

    private static String spec(ObjectNode schema) {
        ObjectNode piece = JsonNodeFactory.instance.objectNode();
        piece.set("schema", schema);
        return piece.toString();
    }

    private void write(Guide guide, Tokenizer tokenizer, SplittableRandom random, List<Long> nanos) {
        GuideState state = guide.start(new int[] {tokenizer.vocab() - 1});
        for (int i = 0; i < tokens && !state.isOver(); i++) {
            long begun = System.nanoTime();
            long[] words = state.allowed();
            nanos.add(System.nanoTime() - begun);
            BitSet allowed = BitSet.valueOf(words);
            int token = allowed.nextSetBit(random.nextInt(tokenizer.vocab()));
            token = token < 0 ? allowed.nextSetBit(0) : token;
            if (token == tokenizer.vocab() - 1) {
                return;
            }
            state.accept(token);
        }
    }

    private static void print(PrintWriter out, String what, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        out.printf(
                java.util.Locale.ROOT,
                "%-24s %8d times: mean %7.3f ms, median %7.3f, p99 %7.3f, longest %7.3f%n",
                what,
                sorted.length,
                millis(Arrays.stream(sorted).sum() / sorted.length),
                millis(sorted[sorted.length / 2]),
                millis(sorted[(int) (sorted.length * 0.99)]),
                millis(sorted[sorted.length - 1]));
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
