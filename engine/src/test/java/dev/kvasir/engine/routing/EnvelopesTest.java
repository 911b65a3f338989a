package dev.kvasir.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.engine.routing.RoutingMessage.Ending;
import dev.kvasir.engine.routing.RoutingMessage.Refusal;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Messages to bytes and back, and what strangers may do with these. */
class EnvelopesTest {
    private final RoutingCounters counters = new RoutingCounters();
    private final Envelopes one = new Envelopes(1, 7, InProcessNodes.key(1), counters);
    private final Envelopes two = new Envelopes(2, 8, InProcessNodes.key(1), counters);

    @RandomizedTest(200)
    void aMessageIsTheSameBehindTheWire(SplittableRandom random) {
        RoutingMessage message = message(random);
        Optional<Envelopes.Opened> opened = two.open(one.close(2, message));
        assertThat(opened).isPresent();
        assertThat(opened.get().sender()).isEqualTo(1);
        // Records of arrays have no equality of their own.
        assertThat(MessageCodec.encode(opened.get().message())).isEqualTo(MessageCodec.encode(message));
        if (message instanceof RoutingMessage.Submit submit) {
            GenerationRequest read = ((RoutingMessage.Submit) opened.get().message()).request();
            GenerationRequest written = submit.request();
            assertThat(read)
                    .usingRecursiveComparison()
                    .ignoringFields("id", "arrivalNanos", "sampling.banned")
                    .isEqualTo(written);
        }
    }

    @RandomizedTest(300)
    void bytesThatWereChangedAreDropped(SplittableRandom random) {
        byte[] bytes = one.close(2, message(random));
        int at = random.nextInt(bytes.length);
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        assertThat(two.open(changed)).isEmpty();
        assertThat(counters.get(at == 0 ? Count.DROPPED_VERSION : Count.DROPPED_SEAL))
                .isEqualTo(1);
        assertThat(two.open(Arrays.copyOf(bytes, random.nextInt(bytes.length)))).isEmpty();
        assertThat(two.open(Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20))))
                .isEmpty();
        assertThat(two.open(bytes)).as("the right ones after that").isPresent();
    }

    /** Someone who knows the secret and is broken: whatever is sealed is read in bounds, or dropped. */
    @RandomizedTest(500)
    void garbageWithASealIsDropped(SplittableRandom random) {
        byte[] body = MessageCodec.encode(message(random));
        for (int i = random.nextInt(8); i >= 0; i--) {
            body[random.nextInt(body.length)] = (byte) random.nextInt();
        }
        int length = random.nextInt(3) == 0 ? random.nextInt(body.length + 1) : body.length;
        Optional<Envelopes.Opened> opened = two.open(one.close(2, Arrays.copyOf(body, length)));
        long dropped = counters.get(Count.DROPPED_VALUE) + counters.get(Count.DROPPED_LENGTH);
        assertThat(dropped).isEqualTo(opened.isPresent() ? 0 : 1);
    }

    @Test
    void aListThatSaysItIsLongerThanItsMessageAllocatesNothing() {
        byte[] wanted = ByteBuffer.allocate(1 + 4)
                .put((byte) 8)
                .putInt(RoutingMessage.MOST_LISTED)
                .array();
        assertThat(two.open(one.close(2, wanted))).isEmpty();
        assertThat(counters.get(Count.DROPPED_VALUE)).isEqualTo(1);
    }

    @Test
    void whatWasSaidBeforeIsDropped() {
        byte[] first = one.close(2, new RoutingMessage.Cancel(1));
        byte[] second = one.close(2, new RoutingMessage.Cancel(2));
        assertThat(two.open(first)).isPresent();
        assertThat(two.open(first)).isEmpty();
        assertThat(two.open(second)).isPresent();
        assertThat(two.open(first)).isEmpty();
        assertThat(counters.get(Count.DROPPED_REPLAY)).isEqualTo(2);
    }

    @Test
    void whatIsMeantForAnotherIsDropped() {
        byte[] bytes = one.close(3, new RoutingMessage.Cancel(1));
        assertThat(two.open(bytes)).isEmpty();
        assertThat(one.open(one.close(1, new RoutingMessage.Cancel(1))))
                .as("from itself")
                .isEmpty();
        assertThat(counters.get(Count.DROPPED_RECEIVER)).isEqualTo(2);
    }

    @Test
    void whoHasAnotherSecretIsNotHeard() {
        Envelopes rogue = new Envelopes(1, 7, InProcessNodes.key(2), counters);
        assertThat(two.open(rogue.close(2, new RoutingMessage.Cancel(1)))).isEmpty();
        assertThat(counters.get(Count.DROPPED_SEAL)).isEqualTo(1);
    }

    /** Two halves of a network may have given two processes one number. */
    @Test
    void whoeverHasTheNumberOfANodeThatWasHeardIsNotHeard() {
        Envelopes other = new Envelopes(1, 9, InProcessNodes.key(1), counters);
        assertThat(two.open(one.close(2, new RoutingMessage.Cancel(1)))).isPresent();
        for (int i = 0; i < 3; i++) {
            assertThat(two.open(other.close(2, new RoutingMessage.Cancel(1)))).isEmpty();
        }
        assertThat(counters.get(Count.DROPPED_REPLAY)).isEqualTo(3);
        assertThat(two.open(one.close(2, new RoutingMessage.Cancel(1)))).isPresent();
    }

    @Test
    void whoSeesAMessageReadsNothing() {
        int[] prompt = new int[500];
        Arrays.fill(prompt, 7);
        GenerationRequest request = new GenerationRequest(
                "r", new SegmentId(1, 2, 3, 4), prompt, SamplingParams.GREEDY, 1, 0, new int[0], -1, 0);
        byte[] first = one.close(2, new RoutingMessage.Submit(1, request));
        byte[] second = one.close(2, new RoutingMessage.Submit(1, request));
        byte[] told = ByteBuffer.allocate(8).putInt(7).putInt(7).array();
        assertThat(indexOf(first, told)).isEqualTo(-1);
        assertThat(Arrays.copyOfRange(first, 30, 500)).isNotEqualTo(Arrays.copyOfRange(second, 30, 500));
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        return -1;
    }

    @Test
    void theLongestPromptFits() {
        GenerationRequest request = new GenerationRequest(
                "r",
                new SegmentId(1, 2, 3, 4),
                new int[RoutingMessage.MOST_TOKENS],
                SamplingParams.GREEDY,
                1,
                0,
                new int[0],
                -1,
                0);
        assertThat(two.open(one.close(2, new RoutingMessage.Submit(1, request))))
                .isPresent();
    }

    private static RoutingMessage message(SplittableRandom random) {
        long attempt = random.nextLong();
        return switch (random.nextInt(11)) {
            case 0, 1 -> new RoutingMessage.Submit(attempt, request(random));
            case 2 -> new RoutingMessage.Accepted(attempt);
            case 3 -> new RoutingMessage.Refused(attempt, Refusal.values()[random.nextInt(3)]);
            case 4 ->
                new RoutingMessage.PromptLogprobs(
                        attempt, random.nextInt(1000), logprobs(random, 1 + random.nextInt(20)));
            case 5 ->
                new RoutingMessage.Prefilled(
                        attempt, new CachedTokens(random.nextInt(99), 1, 2, 3), random.nextInt(1000));
            case 6 -> {
                int count = 1 + random.nextInt(30);
                yield new RoutingMessage.Tokens(
                        attempt,
                        random.nextInt(1000),
                        random.ints(count, 0, 1000).toArray(),
                        random.nextBoolean() ? List.of() : logprobs(random, count));
            }
            case 7 ->
                new RoutingMessage.Finished(
                        attempt, Ending.values()[random.nextInt(4)], random.nextInt(99), random.nextInt(9), 5);
            case 10 -> new RoutingMessage.Embedding(attempt, new float[] {0.5f, -random.nextInt(9), Float.MIN_VALUE});
            case 8 -> new RoutingMessage.Wanted(random.longs(random.nextInt(9)).toArray());
            default ->
                new RoutingMessage.Running(random.longs(random.nextInt(9)).toArray());
        };
    }

    private static List<TokenLogprobs> logprobs(SplittableRandom random, int count) {
        List<TokenLogprobs> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int top = random.nextInt(5);
            float[] values = new float[top];
            Arrays.fill(values, -random.nextInt(9));
            all.add(new TokenLogprobs(
                    random.nextInt(1000),
                    -0.5f * random.nextInt(9),
                    random.ints(top, 0, 1000).toArray(),
                    values));
        }
        return all;
    }

    private static GenerationRequest request(SplittableRandom random) {
        Map<Integer, Float> bias = new HashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            bias.put(random.nextInt(1000), (float) random.nextInt(100));
        }
        if (random.nextInt(5) == 0) {
            return GenerationRequest.embedding(
                    "r",
                    new SegmentId(random.nextLong(), 2, 3, 4),
                    random.ints(1 + random.nextInt(100), 0, 1000).toArray(),
                    random.nextBoolean() ? Pooling.LAST : Pooling.MEAN,
                    9);
        }
        int generated = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0;
        int maxTokens = generated + 1 + random.nextInt(50);
        return new GenerationRequest(
                "r",
                new SegmentId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
                random.ints(1 + generated + random.nextInt(100), 0, 1000).toArray(),
                new SamplingParams(
                        (float) random.nextDouble() * 2,
                        random.nextInt(50),
                        0.5f,
                        0.1f,
                        1.1f,
                        -1,
                        1,
                        bias,
                        random.nextLong(),
                        random.nextInt(5) - 1,
                        new int[0]),
                maxTokens,
                random.nextInt(maxTokens + 1),
                random.ints(random.nextInt(4), 0, 1000).toArray(),
                generated > 0 ? -1 : random.nextInt(3) - 1,
                9,
                generated,
                random.nextInt(3) == 0 ? new UncompiledGuide(new GuideSpec("{\"regex\": \"[é日]+\"}")) : null,
                null,
                random.nextInt(-1000, 1001));
    }
}
