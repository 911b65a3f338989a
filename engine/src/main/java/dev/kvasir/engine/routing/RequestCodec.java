package dev.kvasir.engine.routing;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request as bytes, without its id and arrival, which mean nothing elsewhere, and without banned tokens, which the scheduler sets. A guide travels
 * as its spec, and is compiled where it arrives.
 *
 * <pre>
 * root 32 | max 4 | min 4 | prompt log-probabilities 4 | generated 4 | temperature 4 | top-k 4 | top-p 4 | min-p 4 | penalties 3 x 4 | seed 8
 * | log-probabilities 4 | biases: count 4, (token 4, bias 4)* | end tokens: count 4, 4* | prompt: count 4, 4*
 * | guide: bytes of its spec 4, 0 for none, UTF-8* | pooling 1, 0 for none | priority 4
 * </pre>
 */
final class RequestCodec {
    private static final int MOST_BIASES = 1 << 12;
    private static final int MOST_END_TOKENS = 1 << 12;
    private static final int MOST_SPEC_BYTES = 1 << 20;

    private RequestCodec() {}

    static void write(DataOutputStream out, GenerationRequest request) throws IOException {
        out.write(request.cacheRoot().bytes());
        out.writeInt(request.maxTokens());
        out.writeInt(request.minTokens());
        out.writeInt(request.promptLogprobs());
        out.writeInt(request.generated());
        SamplingParams sampling = request.sampling();
        out.writeFloat(sampling.temperature());
        out.writeInt(sampling.topK());
        out.writeFloat(sampling.topP());
        out.writeFloat(sampling.minP());
        out.writeFloat(sampling.repetitionPenalty());
        out.writeFloat(sampling.presencePenalty());
        out.writeFloat(sampling.frequencyPenalty());
        out.writeLong(sampling.seed());
        out.writeInt(sampling.logprobs());
        out.writeInt(sampling.logitBias().size());
        for (Map.Entry<Integer, Float> bias : new TreeMap<>(sampling.logitBias()).entrySet()) {
            out.writeInt(bias.getKey());
            out.writeFloat(bias.getValue());
        }
        writeInts(out, request.endTokens());
        writeInts(out, request.prompt());
        Guide guide = request.guide();
        byte[] spec = guide == null ? new byte[0] : guide.spec().json().getBytes(StandardCharsets.UTF_8);
        out.writeInt(spec.length);
        out.write(spec);
        Pooling pooling = request.pooling();
        out.writeByte(pooling == null ? 0 : 1 + pooling.ordinal());
        out.writeInt(request.priority());
    }

    static GenerationRequest read(ByteBuffer from) {
        byte[] root = new byte[SegmentId.BYTES];
        from.get(root);
        int maxTokens = from.getInt();
        int minTokens = from.getInt();
        int promptLogprobs = from.getInt();
        int generated = from.getInt();
        float temperature = from.getFloat();
        int topK = from.getInt();
        float topP = from.getFloat();
        float minP = from.getFloat();
        float repetition = from.getFloat();
        float presence = from.getFloat();
        float frequency = from.getFloat();
        long seed = from.getLong();
        int logprobs = from.getInt();
        SamplingParams sampling = new SamplingParams(
                temperature,
                topK,
                topP,
                minP,
                repetition,
                presence,
                frequency,
                readBiases(from),
                seed,
                logprobs,
                new int[0]);
        int[] endTokens = readTokens(from, MOST_END_TOKENS);
        int[] prompt = readTokens(from, RoutingMessage.MOST_TOKENS);
        byte[] spec = new byte[length(from, MOST_SPEC_BYTES, 1)];
        from.get(spec);
        Guide guide =
                spec.length == 0 ? null : new UncompiledGuide(new GuideSpec(new String(spec, StandardCharsets.UTF_8)));
        int pooling = from.get();
        int priority = from.getInt();
        return new GenerationRequest(
                "",
                SegmentId.of(root),
                prompt,
                sampling,
                maxTokens,
                minTokens,
                endTokens,
                promptLogprobs,
                0,
                generated,
                guide,
                pooling == 0 ? null : Pooling.values()[pooling - 1],
                priority);
    }

    private static Map<Integer, Float> readBiases(ByteBuffer from) {
        int count = length(from, MOST_BIASES, 8);
        Map<Integer, Float> biases = new HashMap<>();
        for (int i = 0; i < count; i++) {
            biases.put(token(from.getInt()), finite(from.getFloat()));
        }
        return biases;
    }

    static void writeInts(DataOutputStream out, int[] values) throws IOException {
        out.writeInt(values.length);
        for (int value : values) {
            out.writeInt(value);
        }
    }

    static int[] readTokens(ByteBuffer from, int most) {
        int[] tokens = new int[length(from, most, Integer.BYTES)];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = token(from.getInt());
        }
        return tokens;
    }

    private static float finite(float value) {
        if (!Float.isFinite(value)) {
            throw new IllegalArgumentException("no bias is " + value);
        }
        return value;
    }

    static int token(int value) {
        return count(value, Integer.MAX_VALUE);
    }

    /** Reads the length of a list whose items have {@code bytes} bytes at least. */
    static int length(ByteBuffer from, int most, int bytes) {
        int length = count(from.getInt(), most);
        if ((long) length * bytes > from.remaining()) {
            throw new IllegalArgumentException(length + " items in " + from.remaining() + " bytes");
        }
        return length;
    }

    static int count(int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(value + " isn't from 0 to " + most);
        }
        return value;
    }
}
