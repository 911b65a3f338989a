package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.codec.Int8Codec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A segment of 786,432 elements (1.5 MiB in bfloat16) to int8 and back, and copied as it is, which a tier without a codec does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SegmentCodecBenchmark {
    @Param({"FLOAT32", "BFLOAT16"})
    public KvDtype dtype = KvDtype.BFLOAT16;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private Int8Codec codec;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer segment;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer coded;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer restored;

    /** Fills a segment with values from -2 to 2. */
    @Setup(Level.Trial)
    public void fill() {
        KvLayout layout = new KvLayout(24, 4, 64, 64, dtype);
        codec = new Int8Codec(layout);
        segment = allocate(layout.segmentBytes());
        restored = allocate(layout.segmentBytes());
        coded = allocate(codec.codedBytes());
        SplittableRandom random = new SplittableRandom(1);
        while (segment.hasRemaining()) {
            int bits = Float.floatToRawIntBits((float) random.nextDouble(-2, 2));
            if (dtype == KvDtype.FLOAT32) {
                segment.putInt(bits);
            } else {
                segment.putShort((short) (bits >>> 16));
            }
        }
        codec.encode(segment.rewind(), coded);
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Benchmark
    public ByteBuffer encode() {
        codec.encode(segment.rewind(), coded.rewind());
        return coded;
    }

    @Benchmark
    public ByteBuffer decode() {
        codec.decode(coded.rewind(), restored.rewind());
        return restored;
    }

    @Benchmark
    public ByteBuffer copy() {
        return restored.rewind().put(segment.rewind());
    }
}
