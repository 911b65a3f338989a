package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.cuda.AttentionScene.Shape;
import dev.kvasir.runner.cuda.AttentionScene.Stored;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Errors planted in the PTX: each must change a result beyond what rounding does, or be caught by the emulated device. A test that misses one would miss the
 * same error in a kernel.
 */
class MutantsTest {
    private static final String PLAIN = "partial_attention_f32_64";
    private static final String PREFILL = "prefill_attention_f16_64";
    private static final String MERGE = "merge_partials_f32";

    /** What comes out without an error, by whether it is in float16. */
    private static final Map<Boolean, String> WITHOUT = new HashMap<>();

    /**
     * An error.
     *
     * @param function in which to plant it
     * @param find what to replace, a regular expression
     * @param nth which of the places, from 1; 0 for all of them
     */
    record Mutant(String name, String function, String find, int nth, String replacement) {
        String apply(String ptx) {
            Matcher function = Pattern.compile("\\.entry " + this.function + "\\(.*?\n}", Pattern.DOTALL)
                    .matcher(ptx);
            if (!function.find()) {
                return ptx;
            }
            String body = function.group();
            Matcher place = Pattern.compile(find).matcher(body);
            StringBuilder changed = new StringBuilder();
            int count = 0;
            while (place.find()) {
                count++;
                place.appendReplacement(
                        changed, nth == 0 || nth == count ? replacement : Matcher.quoteReplacement(place.group()));
            }
            place.appendTail(changed);
            return ptx.substring(0, function.start()) + changed + ptx.substring(function.end());
        }

        @Override
        public String toString() {
            return function + ": " + name;
        }
    }

    static Stream<Mutant> mutants() {
        return Stream.of(
                new Mutant("no barrier before the merge", PLAIN, "bar\\.sync[^;]*;", 1, ""),
                new Mutant("the first shuffle 4 instead of 8 apart", PLAIN, "(mov\\.u32\\s+%r\\d+), 8;", 1, "$1, 4;"),
                new Mutant("the second shuffle 2 instead of 4 apart", PLAIN, "(mov\\.u32\\s+%r\\d+), 4;", 1, "$1, 2;"),
                new Mutant("the last shuffle 2 instead of 1 apart", PLAIN, "(mov\\.u32\\s+%r\\d+), 1;", 1, "$1, 2;"),
                new Mutant(
                        "groups merged 8 instead of 16 lanes apart", PLAIN, "(mov\\.u32\\s+%r\\d+), 16;", 1, "$1, 8;"),
                new Mutant("a tile's first key read where its end is", PLAIN, "(%rd\\d+)\\+20\\]", 1, "$1+24]"),
                new Mutant("a tile's end read where its first key is", PLAIN, "(%rd\\d+)\\+24\\]", 1, "$1+20]"),
                new Mutant("the first query taken for its position", PLAIN, "(%rd\\d+)\\+4\\]", 1, "$1]"),
                new Mutant(
                        "the tile's rows begin at 0",
                        PLAIN,
                        "ld\\.global\\.u32\\s+(%r\\d+), \\[%rd\\d+\\+8\\];",
                        1,
                        "mov.u32 $1, 0;"),
                new Mutant(
                        "no scale",
                        PLAIN,
                        "ld\\.param\\.f32\\s+(%f\\d+), \\[\\w+_14\\];",
                        1,
                        "mov.f32 $1, 0f3F800000;"),
                new Mutant(
                        "no rescaling by the maximum",
                        PLAIN,
                        "ex2\\.approx\\.ftz\\.f32 (%f\\d+), %f\\d+;",
                        1,
                        "mov.f32 $1, 0f3F800000;"),
                new Mutant(
                        "every key weighs 1",
                        PLAIN,
                        "ex2\\.approx\\.ftz\\.f32 (%f\\d+), %f\\d+;",
                        2,
                        "mov.f32 $1, 0f3F800000;"),
                new Mutant(
                        "groups weigh 1 when they are merged",
                        PLAIN,
                        "ex2\\.approx\\.ftz\\.f32 (%f\\d+), %f\\d+;",
                        9,
                        "mov.f32 $1, 0f3F800000;"),
                new Mutant(
                        "the sum isn't rescaled",
                        PLAIN,
                        "fma\\.rn\\.f32\\s+(%f\\d+), %f\\d+, \\1, (%f\\d+);",
                        5,
                        "add.f32 $1, $1, $2;"),
                new Mutant(
                        "an output isn't rescaled",
                        PLAIN,
                        "fma\\.rn\\.f32\\s+(%f\\d+), %f\\d+, \\1, (%f\\d+);",
                        6,
                        "add.f32 $1, $1, $2;"),
                new Mutant("a query doesn't see its own key", PLAIN, "setp\\.gt\\.s32", 1, "setp.ge.s32"),
                new Mutant("one key beyond the end", PLAIN, "setp\\.ge\\.s32", 3, "setp.gt.s32"),
                new Mutant(
                        "all keys from the first segment",
                        PLAIN,
                        "shr\\.s32\\s+(%r\\d+), %r\\d+, %r\\d+;",
                        1,
                        "mov.u32 $1, 0;"),
                new Mutant(
                        "all keys from a segment's first token",
                        PLAIN,
                        "not\\.b32\\s+(%r\\d+), %r\\d+;",
                        1,
                        "mov.u32 $1, 0;"),
                new Mutant(
                        "values read one head off",
                        PLAIN,
                        "mul\\.wide\\.s32\\s+(%rd\\d+), (%r\\d+), %r55;",
                        1,
                        "mul.wide.s32 $1, $2, %r59;"),
                new Mutant(
                        "slots one element closer",
                        PLAIN,
                        "mul\\.lo\\.s64\\s+(%rd\\d+), (%rd\\d+), %rd19;",
                        1,
                        "shl.b64 $1, $2, 4;"),
                new Mutant(
                        "every other key skipped", PLAIN, "add\\.s32\\s+(%r\\d+), \\1, 8;", 0, "add.s32 $1, $1, 16;"),
                new Mutant(
                        "the sum isn't divided by",
                        PLAIN,
                        "div\\.rn\\.f32\\s+(%f\\d+), (%f\\d+), %f\\d+;",
                        0,
                        "mov.f32 $1, $2;"),
                new Mutant("logsumexp in powers of two", PLAIN, "0f3F317218", 0, "0f3F800000"),
                new Mutant(
                        "maxima of warps not compared",
                        PLAIN,
                        "max\\.f32\\s+(%f\\d+), (%f\\d+), %f\\d+;",
                        9,
                        "mov.f32 $1, $2;"),
                new Mutant(
                        "a vector's second element read twice",
                        PLAIN,
                        "\\{(%f\\d+), (%f\\d+), (%f\\d+), (%f\\d+)\\}, \\[%rd77\\]",
                        1,
                        "{%f641, %f640, %f640, %f638}, [%rd77]"),
                new Mutant(
                        "parts weigh 1",
                        MERGE,
                        "ex2\\.approx\\.ftz\\.f32 (%f\\d+), %f\\d+;",
                        0,
                        "mov.f32 $1, 0f3F800000;"),
                new Mutant("parts' logarithms taken for powers of two", MERGE, "0f3F317218", 0, "0f3F800000"),
                new Mutant(
                        "the merged sum isn't divided by",
                        MERGE,
                        "div\\.rn\\.f32\\s+(%f\\d+), (%f\\d+), %f\\d+;",
                        0,
                        "mov.f32 $1, $2;"),
                new Mutant("no barrier before the products", PREFILL, "bar\\.sync[^;]*;", 1, ""),
                new Mutant("no barrier before shared memory is used again", PREFILL, "bar\\.sync[^;]*;", 2, ""),
                new Mutant("nobody waits for the copies", PREFILL, "cp\\.async\\.wait_group\\s+1;", 1, ""),
                new Mutant(
                        "one group too many may be under way",
                        PREFILL,
                        "cp\\.async\\.wait_group\\s+1;",
                        1,
                        "cp.async.wait_group 2;"),
                new Mutant("copies are never committed", PREFILL, "cp\\.async\\.commit_group;", 0, ""),
                new Mutant("values aren't transposed", PREFILL, "x4\\.trans\\.shared", 1, "x4.shared"),
                new Mutant("keys are transposed", PREFILL, "x4\\.shared", 1, "x4.trans.shared"),
                new Mutant("halves of B swapped", PREFILL, "\\{(%r\\d+),(%r\\d+)\\}, \\{%f", 1, "{$2,$1}, {%f"),
                new Mutant(
                        "rows of A swapped",
                        PREFILL,
                        "\\{(%r\\d+),(%r\\d+),(%r\\d+),(%r\\d+)\\}, \\{%r",
                        1,
                        "{$2,$1,$4,$3}, {%r"),
                new Mutant("a product thrown away", PREFILL, "mma\\.sync[^;]*;", 5, ""),
                new Mutant(
                        "a query of the chunk sees a key after it",
                        PREFILL,
                        "setp\\.gt\\.s32(\\s+%p\\d+, %r\\d+, )%r977",
                        1,
                        "setp.gt.s32$1%r5"),
                new Mutant(
                        "row maxima of two lanes instead of four", PREFILL, "(mov\\.u32\\s+%r\\d+), 2;", 1, "$1, 1;"),
                new Mutant(
                        "the tile's rows begin at 0",
                        PREFILL,
                        "ld\\.global\\.u32\\s+(%r\\d+), \\[%rd\\d+\\+8\\];",
                        1,
                        "mov.u32 $1, 0;"));
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void isCaught(Mutant mutant) {
        boolean isHalf = mutant.function.equals(PREFILL);
        assertThat(WITHOUT.computeIfAbsent(isHalf, half -> outcome(UnaryOperator.identity(), half)))
                .isEqualTo("equal");
        int[] changes = {0};
        String outcome = outcome(
                ptx -> {
                    String changed = mutant.apply(ptx);
                    changes[0] += changed.equals(ptx) ? 0 : 1;
                    return changed;
                },
                isHalf);
        assertThat(changes[0]).as("files in which there is something to change").isEqualTo(1);
        assertThat(outcome).isNotEqualTo("equal");
    }

    /** Returns "equal" if the kernels agree with the reference, else how they don't. */
    private static String outcome(UnaryOperator<String> edit, boolean isHalf) {
        EmulatedDriver.start(3);
        SplittableRandom random = new SplittableRandom(5);
        KvLayout kv = new KvLayout(2, 2, 64, 16, isHalf ? KvDtype.FLOAT16 : KvDtype.FLOAT32);
        AttentionScene scene = new AttentionScene(random, new Shape(kv, 2, 12, 128, Stored.ROTATED), edit);
        try {
            scene.queries(44);
            // A decode whose keys are split, a chunk behind a past, a chunk of the tensor-core path's size, one more
            // decode.
            List<Span> spans = List.of(
                    new Span(0, 1, 149, scene.table(150), 0, 150),
                    new Span(1, 3, 30, scene.table(33), 5, 32),
                    new Span(4, 37, 100, scene.table(137), 0, 137),
                    new Span(41, 1, 20, scene.table(21), 0, 21));
            double distance = scene.distance(scene.onDevice(spans, 1), scene.reference(spans, 1));
            return distance < scene.tolerance() ? "equal" : "off by " + distance;
        } catch (CudaException e) {
            return e.getMessage();
        } finally {
            EmulatedDriver.start(3);
            scene.close();
        }
    }
}
