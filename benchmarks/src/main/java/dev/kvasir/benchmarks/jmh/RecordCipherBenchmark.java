package dev.kvasir.benchmarks.jmh;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
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

/** What it costs to protect a record of the data plane, in and out of direct memory: a MAC alone, GCM as one, and GCM. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RecordCipherBenchmark {
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;

    @Param({"64", "4096", "65536"})
    public int bytes = 65536;

    private final SecretKeySpec aesKey = new SecretKeySpec(new byte[16], "AES");
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final byte[] tag = new byte[32];
    private long sequence;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private Mac mac;

    @SuppressWarnings("NullAway.Init")
    private Cipher cipher;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer text;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer sealed;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer opened;

    /** Seals one record, which is opened again and again. */
    @Setup(Level.Trial)
    public void seal() throws GeneralSecurityException {
        mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
        cipher = Cipher.getInstance("AES/GCM/NoPadding");
        text = ByteBuffer.allocateDirect(bytes);
        sealed = ByteBuffer.allocateDirect(bytes + TAG_BITS / 8);
        opened = ByteBuffer.allocateDirect(bytes);
        encrypt();
    }

    @Benchmark
    public byte[] hmac() throws GeneralSecurityException {
        mac.update(text.clear());
        mac.doFinal(tag, 0);
        return tag;
    }

    @Benchmark
    public byte[] gcmAsMac() throws GeneralSecurityException {
        begin(Cipher.ENCRYPT_MODE, ++sequence);
        cipher.updateAAD(text.clear());
        cipher.doFinal(tag, 0);
        return tag;
    }

    @Benchmark
    public ByteBuffer encrypt() throws GeneralSecurityException {
        begin(Cipher.ENCRYPT_MODE, ++sequence);
        cipher.doFinal(text.clear(), sealed.clear());
        return sealed;
    }

    @Benchmark
    public ByteBuffer decrypt() throws GeneralSecurityException {
        begin(Cipher.DECRYPT_MODE, sequence);
        cipher.doFinal(sealed.clear(), opened.clear());
        return opened;
    }

    private void begin(int mode, long number) throws GeneralSecurityException {
        ByteBuffer.wrap(nonce).putLong(NONCE_BYTES - Long.BYTES, number);
        cipher.init(mode, aesKey, new GCMParameterSpec(TAG_BITS, nonce));
    }
}
