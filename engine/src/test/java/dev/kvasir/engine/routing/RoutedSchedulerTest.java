package dev.kvasir.engine.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.routing.InProcessNodes.TestNode;
import dev.kvasir.engine.routing.RoutingCounters.Count;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.routing.RoutingPolicies;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that run on other nodes, with real schedulers and a real model, and nodes that go wrong at every moment. */
class RoutedSchedulerTest {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    @TempDir
    static Path home;

    static TinyModels models;

    private InProcessNodes cluster = new InProcessNodes(RoutingPolicies.ROUND_ROBIN);
    private int requests;

    @BeforeAll
    static void load() throws IOException {
        models = new TinyModels(home, 3);
    }

    @AfterAll
    static void unload() {
        models.close();
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    /** A frontend, node 1, before two nodes that compute, 2 and 3; round robin begins with 2. */
    private TestNode frontendOfTwo() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        cluster.start(models.runners.get(1));
        return front;
    }

    private TestNode node(int number) {
        return cluster.nodes.get(number - 1);
    }

    private GenerationRequest request(
            SplittableRandom random, int promptTokens, SamplingParams sampling, int maxTokens) {
        return new GenerationRequest(
                "r" + requests++,
                ROOT,
                random.ints(promptTokens, 0, models.vocab()).toArray(),
                sampling,
                maxTokens,
                0,
                new int[0],
                -1,
                5);
    }

    private GenerationRequest request(int maxTokens) {
        return request(new SplittableRandom(requests), 40, SamplingParams.GREEDY, maxTokens);
    }

    private static Answer submit(TestNode front, GenerationRequest request) {
        Answer answer = new Answer();
        assertThat(front.routed.submit(request, answer)).isEqualTo(Submission.ACCEPTED);
        return answer;
    }

    private void stepUntilTokens(Answer answer, int count) {
        for (int i = 0; i < 200 && answer.tokens.size() < count; i++) {
            cluster.step();
        }
        assertThat(answer.tokens).hasSize(count);
    }

    private static void assertSame(Answer actual, Answer expected) {
        assertThat(actual.tokens).isEqualTo(expected.tokens);
        assertThat(actual.reason).isEqualTo(expected.reason);
        assertThat(actual.logprobs).hasSameSizeAs(expected.logprobs);
        for (int i = 0; i < actual.logprobs.size(); i++) {
            assertThat(actual.logprobs.get(i))
                    .isCloseTo(expected.logprobs.get(i), org.assertj.core.data.Offset.offset(1e-4f));
        }
        assertThat(actual.promptLogprobs).hasSameSizeAs(expected.promptLogprobs);
        RequestStats stats = Objects.requireNonNull(actual.stats);
        RequestStats alone = Objects.requireNonNull(expected.stats);
        assertThat(stats.promptTokens()).isEqualTo(alone.promptTokens());
        assertThat(stats.generatedTokens()).isEqualTo(alone.generatedTokens());
        assertThat(stats.arrivalNanos()).isEqualTo(alone.arrivalNanos());
        assertThat(stats.cachedTokens()).isEqualTo(actual.cachedTokens);
    }

    @Test
    void aGuidedRequestIsGuidedWhereItRunsAndWhereItGoesOn() {
        TestNode front = frontendOfTwo();
        Answer answer = submit(front, request(8).withGuide(DigitGuide.GUIDE));
        stepUntilTokens(answer, 4);
        node(2).kill();
        cluster.runUntilEnded(answer);
        assertThat(answer.tokens).containsExactly(1, 2, 3, 1, 2, 3, 1, 2);
    }

    @ParameterizedTest
    @EnumSource
    void anEmbeddingIsThatOfANodeAloneWhoeverComputesIt(Pooling pooling) {
        GenerationRequest request = embedding(pooling);
        float[] alone = models.alone(embedding(pooling)).embedding;
        TestNode front = frontendOfTwo();
        Answer answer = submit(front, request);
        cluster.runUntilEnded(answer);
        assertThat(answer.reason).isEqualTo(FinishReason.STOP);
        assertThat(answer.embedding).usingComparatorWithPrecision(1e-4f).containsExactly(alone);
        assertThat(answer.tokens).isEmpty();
        cluster.assertIdle();
    }

    @Test
    void anEmbeddingWhoseNodeIsLostIsComputedElsewhere() {
        TestNode front = frontendOfTwo();
        Answer answer = submit(front, embedding(Pooling.MEAN));
        cluster.step(); // the first of several chunks
        (node(2).isBusy() ? node(2) : node(3)).kill();
        cluster.runUntilEnded(answer);
        float[] alone = models.alone(embedding(Pooling.MEAN)).embedding;
        assertThat(answer.embedding).usingComparatorWithPrecision(1e-4f).containsExactly(alone);
        assertThat(front.count(Count.FAILED_GONE)).isEqualTo(1);
        cluster.assertIdle();
    }

    @Test
    void anEmbeddingWhoseClientLeavesIsEnded() {
        TestNode front = frontendOfTwo();
        GenerationRequest request = embedding(Pooling.MEAN);
        Answer answer = submit(front, request);
        cluster.step();
        front.routed.cancel(request.id());
        cluster.runUntilEnded(answer);
        assertThat(answer.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(answer.embedding).isNull();
        cluster.assertIdle();
    }

    private GenerationRequest embedding(Pooling pooling) {
        int[] prompt = new SplittableRandom(5).ints(150, 0, models.vocab()).toArray();
        return GenerationRequest.embedding("e" + requests++, ROOT, prompt, pooling, 5);
    }

    // ---- where requests go

    @ParameterizedTest
    @EnumSource(RoutingPolicies.class)
    void tokensAreThoseOfOneNode(RoutingPolicies policy) {
        cluster = new InProcessNodes(policy);
        for (int i = 0; i < 3; i++) {
            cluster.start(models.runners.get(i));
        }
        List<GenerationRequest> asked = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            GenerationRequest request = request(
                    new SplittableRandom(i),
                    20 + 7 * i,
                    SamplingParams.GREEDY.withTemperature(i % 2, i).withLogprobs(2),
                    12);
            asked.add(request);
            answers.add(submit(node(1 + i % 3), copy(request)));
        }
        cluster.runUntilEnded(answers.toArray(Answer[]::new));
        cluster.assertIdle();
        long away = cluster.nodes.stream()
                .mapToLong(node -> node.count(Count.ROUTED_AWAY))
                .sum();
        long here = cluster.nodes.stream()
                .mapToLong(node -> node.count(Count.ROUTED_HERE))
                .sum();
        assertThat(away + here).isEqualTo(9);
        assertThat(away).isPositive();
        assertThat(cluster.nodes.stream()
                        .mapToLong(node -> node.count(Count.SERVED))
                        .sum())
                .isEqualTo(away);
        for (int i = 0; i < asked.size(); i++) {
            assertSame(answers.get(i), models.alone(asked.get(i)));
        }
    }

    @Test
    void logProbabilitiesOfThePromptAreRelayed() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = new GenerationRequest(
                "p",
                ROOT,
                new SplittableRandom(3).ints(90, 0, models.vocab()).toArray(),
                SamplingParams.GREEDY,
                3,
                0,
                new int[0],
                2,
                5);
        Answer answer = submit(front, copy(asked));
        cluster.runUntilEnded(answer);
        Answer alone = models.alone(asked);
        assertSame(answer, alone);
        assertThat(answer.promptLogprobs).hasSize(89);
        for (int i = 0; i < 89; i++) {
            assertThat(answer.promptLogprobs.get(i).token())
                    .isEqualTo(alone.promptLogprobs.get(i).token());
            assertThat(answer.promptLogprobs.get(i).topTokens())
                    .isEqualTo(alone.promptLogprobs.get(i).topTokens());
        }
    }

    @Test
    void prioritiesGoAlongToTheNodeThatComputes() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        List<Answer> all = new ArrayList<>();
        for (int i = 1; i <= 8; i++) { // as many as run at once, and they end one after the other
            all.add(submit(front, request(new SplittableRandom(i), 20, SamplingParams.GREEDY, 10 * i)));
        }
        for (int i = 0; i < 200 && all.stream().anyMatch(answer -> answer.tokens.isEmpty()); i++) {
            cluster.step();
        }
        List<Answer> patient = new ArrayList<>();
        List<Answer> urgent = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            patient.add(submit(front, request(3).withPriority(9)));
            urgent.add(submit(front, request(3).withPriority(-9)));
        }
        for (int i = 0; i < 500 && urgent.stream().anyMatch(answer -> answer.tokens.isEmpty()); i++) {
            cluster.step();
        }
        assertThat(urgent).noneMatch(answer -> answer.tokens.isEmpty());
        assertThat(patient).allMatch(answer -> answer.tokens.isEmpty());
        all.addAll(patient);
        all.addAll(urgent);
        cluster.runUntilEnded(all.toArray(Answer[]::new));
        cluster.assertIdle();
    }

    @Test
    void aFrontendAloneSaysThatThereIsNobody() {
        TestNode front = cluster.startFrontend();
        assertThat(front.routed.submit(request(1), new Answer())).isEqualTo(Submission.NO_NODE);
        front.assertIdle();
    }

    @Test
    void aPromptThatFitsNowhereIsRefused() {
        TestNode front = frontendOfTwo();
        assertThatThrownBy(() -> front.routed.submit(
                        request(new SplittableRandom(1), 512, SamplingParams.GREEDY, 1), new Answer()))
                .isInstanceOf(IllegalArgumentException.class);
        front.assertIdle();
    }

    @Test
    void anIdThatLivesIsRefused() {
        TestNode front = frontendOfTwo();
        GenerationRequest first = request(20);
        submit(front, first);
        assertThatThrownBy(() -> front.routed.submit(first, new Answer())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequestWaitsForAQueueAndOnlySoManyDo() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        List<Answer> answers = new ArrayList<>();
        int most = InProcessNodes.MAX_QUEUED + InProcessNodes.MAX_PLACING;
        for (int i = 0; i < most; i++) {
            answers.add(submit(front, request(3)));
            cluster.pump(); // none runs: no step is done
        }
        assertThat(front.routed.placing()).isEqualTo(InProcessNodes.MAX_PLACING);
        assertThat(front.routed.submit(request(3), new Answer())).isEqualTo(Submission.QUEUE_FULL);
        cluster.runUntilEnded(answers.toArray(Answer[]::new));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.reason).isEqualTo(FinishReason.LENGTH));
        assertThat(front.count(Count.REFUSED)).isPositive();
        cluster.assertIdle();
    }

    // ---- workers that are lost

    @Test
    void aWorkerThatDiesBeforeTheFirstTokenIsReplaced() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(20);
        Answer answer = submit(front, copy(asked));
        cluster.pump();
        assertThat(node(2).isBusy()).isTrue();
        node(2).kill();
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        assertThat(front.count(Count.FAILED_GONE)).isEqualTo(1);
        assertThat(front.count(Count.RESUMES)).isZero();
        cluster.assertIdle();
    }

    @Test
    void aStreamGoesOnWhenItsWorkerDies() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(20);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 7);
        node(2).kill();
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        assertThat(front.count(Count.RESUMES)).isEqualTo(1);
        cluster.assertIdle();
    }

    @Test
    void whatAThawedWorkerSaysIsIgnored() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(60);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 7);
        // It has computed more, of which nobody has heard when it freezes.
        cluster.loss = (from, to, bytes) -> from == 2;
        cluster.step();
        cluster.loss = (from, to, bytes) -> false;
        node(2).freeze();
        cluster.pass(InProcessNodes.TIMING.deadlineMillis() + 500);
        assertThat(front.count(Count.FAILED_SILENT)).isEqualTo(1);
        cluster.step();
        cluster.step();
        assertThat(answer.tokens.size()).isGreaterThan(7).isLessThan(60);
        node(2).thaw();
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        cluster.assertIdle();
    }

    @Test
    void aSingleWorkerThatFreezesIsWaitedFor() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        GenerationRequest asked = request(30);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 7);
        node(2).freeze();
        cluster.pass(10_000);
        node(2).thaw();
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        cluster.assertIdle();
    }

    @Test
    void aFrontThatFreezesGoesOnWhenItThaws() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(30);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 7);
        front.freeze();
        cluster.pass(10_000);
        cluster.step();
        assertThat(node(2).isBusy()).isFalse();
        assertThat(node(2).count(Count.ORPHANS)).isEqualTo(1);
        front.thaw();
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        cluster.assertIdle();
    }

    @Test
    void aLostMessageLosesNoToken() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(30);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 7);
        int[] lost = {1};
        cluster.loss = (from, to, bytes) -> from == 2 && to == 1 && lost[0]-- > 0;
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        assertThat(front.count(Count.FAILED_LOST)).isEqualTo(1);
        cluster.assertIdle();
    }

    @Test
    void aLostEndIsFoundOut() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(10);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 9);
        int[] message = {0};
        cluster.loss = (from, to, bytes) -> from == 2 && to == 1 && ++message[0] == 2; // the token, then the end
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        cluster.assertIdle();
    }

    @Test
    void aRequestThatItsNodesTakeAndLoseEndsWithAnError() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        Answer answer = submit(front, request(30));
        for (int i = 0; i < InProcessNodes.TIMING.attempts(); i++) {
            stepUntilTokens(answer, i + 1);
            cluster.loss = (from, to, bytes) -> from == 2;
            cluster.pass(InProcessNodes.TIMING.deadlineMillis() + 200);
            cluster.loss = (from, to, bytes) -> false;
            cluster.pass(500); // it's the only one, and is tried again
        }
        assertThat(answer.reason).isEqualTo(FinishReason.ERROR);
        assertThat(answer.tokens).hasSize(InProcessNodes.TIMING.attempts());
        assertThat(front.count(Count.FAILED_SILENT)).isEqualTo(InProcessNodes.TIMING.attempts());
        cluster.assertIdle();
    }

    @Test
    void aRequestOfWhichNobodySaysAnythingIsLookedAfterForSomeTime() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        Answer answer = submit(front, request(30));
        stepUntilTokens(answer, 7);
        cluster.loss = (from, to, bytes) -> from == 2; // a node that is deaf to nobody and mute
        for (int i = 0; i < InProcessNodes.TIMING.placeMillis() / 1000; i++) {
            cluster.pass(1000);
            cluster.step();
        }
        assertThat(front.count(Count.FAILED_SILENT)).isGreaterThan(InProcessNodes.TIMING.attempts());
        assertThat(answer.isEnded()).isFalse();
        for (int i = 0; i < 10 && !answer.isEnded(); i++) {
            cluster.pass(1000);
            cluster.step();
        }
        assertThat(answer.reason).isEqualTo(FinishReason.ERROR);
        assertThat(answer.tokens).hasSize(7);
        assertThat(front.count(Count.GIVEN_UP)).isEqualTo(1);
        cluster.assertIdle();
    }

    @Test
    void aRequestThatNobodyCouldTakeEndsWithAnError() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        Answer answer = submit(front, request(30));
        stepUntilTokens(answer, 3);
        node(2).kill();
        cluster.pass(InProcessNodes.TIMING.placeMillis() - 2000);
        assertThat(answer.isEnded()).isFalse();
        cluster.pass(4000);
        assertThat(answer.reason).isEqualTo(FinishReason.ERROR);
        cluster.assertIdle();
    }

    // ---- clients and fronts that leave

    @Test
    void aClientThatLeavesFreesTheWorker() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(60);
        Answer answer = submit(front, asked);
        stepUntilTokens(answer, 3);
        front.routed.cancel(asked.id());
        cluster.step();
        assertThat(answer.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(node(2).isBusy()).isFalse();
        assertThat(answer.tokens).hasSize(3);
        cluster.assertIdle();
    }

    @Test
    void aLostCancellationIsMadeGood() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(200);
        Answer answer = submit(front, asked);
        stepUntilTokens(answer, 3);
        int[] lost = {1};
        cluster.loss = (from, to, bytes) -> from == 1 && lost[0]-- > 0;
        front.routed.cancel(asked.id());
        cluster.step();
        assertThat(node(2).isBusy()).isTrue();
        cluster.pass(2 * InProcessNodes.TIMING.aliveMillis());
        cluster.step();
        assertThat(node(2).isBusy()).isFalse();
        cluster.assertIdle();
    }

    @Test
    void aRequestIsCancelledBeforeItIsPlaced() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(20);
        Answer answer = submit(front, asked);
        front.routed.cancel(asked.id());
        cluster.runUntilEnded(answer);
        assertThat(answer.reason).isEqualTo(FinishReason.CANCELLED);
        cluster.assertIdle();
    }

    @Test
    void requestsOfAFrontThatDiesAreDropped() {
        TestNode front = frontendOfTwo();
        submit(front, request(200));
        submit(front, request(200));
        cluster.step();
        assertThat(node(2).isBusy()).isTrue();
        assertThat(node(3).isBusy()).isTrue();
        front.kill();
        cluster.pass(InProcessNodes.TIMING.tickMillis());
        cluster.step();
        assertThat(node(2).isBusy()).isFalse();
        assertThat(node(3).isBusy()).isFalse();
        cluster.assertIdle();
    }

    // ---- nodes that leave in order

    @Test
    void aNodeThatLeavesHandsItsRequestsBack() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(30);
        Answer answer = submit(front, copy(asked));
        stepUntilTokens(answer, 5);
        node(2).leave();
        assertThat(front.count(Count.HANDED_BACK)).isEqualTo(1);
        cluster.runUntilEnded(answer);
        assertSame(answer, models.alone(asked));
        assertThat(node(3).count(Count.SERVED)).isEqualTo(1);
        cluster.assertIdle();
    }

    @Test
    void aNodeThatDrainsTakesNothingNewAndEndsWhatItHas() {
        TestNode front = frontendOfTwo();
        GenerationRequest asked = request(30);
        Answer first = submit(front, copy(asked));
        stepUntilTokens(first, 5);
        node(2).routed.drain();
        List<Answer> later = List.of(submit(front, request(4)), submit(front, request(4)));
        cluster.runUntilEnded(later.get(0), later.get(1), first);
        assertThat(node(2).count(Count.SERVED)).isEqualTo(1);
        assertThat(node(3).count(Count.SERVED)).isEqualTo(2);
        assertSame(first, models.alone(asked));
        cluster.assertIdle();
    }

    @Test
    void aRollingRestartLosesNothing() {
        TestNode front = cluster.startFrontend();
        cluster.start(models.runners.get(0));
        List<GenerationRequest> asked = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            GenerationRequest request = request(40);
            asked.add(request);
            answers.add(submit(front, copy(request)));
        }
        for (int restart = 1; restart <= 6; restart++) {
            cluster.step();
            cluster.step();
            cluster.start(models.runners.get(restart % 2));
            node(1 + restart).leave();
            cluster.pass(1000);
        }
        cluster.runUntilEnded(answers.toArray(Answer[]::new));
        for (int i = 0; i < 6; i++) {
            assertSame(answers.get(i), models.alone(asked.get(i)));
        }
        assertThat(front.count(Count.HANDED_BACK)).isGreaterThanOrEqualTo(6);
        cluster.assertIdle();
    }

    @Test
    void whatIsSubmittedAtANodeThatEndsIsCancelled() {
        TestNode front = frontendOfTwo();
        Answer answer = submit(front, request(30));
        cluster.step();
        front.routed.close();
        cluster.step();
        assertThat(answer.reason).isEqualTo(FinishReason.CANCELLED);
        assertThat(front.routed.submit(request(1), new Answer())).isEqualTo(Submission.CLOSED);
        cluster.assertIdle();
    }

    // ---- whatever happens whenever

    @RandomizedTest(30)
    void theTokensAreTheSameWhateverHappens(SplittableRandom random) {
        boolean mixed = random.nextBoolean();
        TestNode front = mixed ? cluster.start(models.runners.get(2)) : cluster.startFrontend();
        cluster.start(models.runners.get(0));
        cluster.start(models.runners.get(1));
        List<GenerationRequest> asked = new ArrayList<>();
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            GenerationRequest request = random(random);
            asked.add(request);
            answers.add(submit(front, copy(request)));
        }
        int trouble = random.nextInt(30);
        int kind = random.nextInt(5);
        TestNode victim = node(2 + random.nextInt(2));
        int thawAt = trouble + random.nextInt(120);
        for (int i = 0; !answers.stream().allMatch(Answer::isEnded); i++) {
            assertThat(i).as("steps").isLessThan(2000);
            if (i == trouble) {
                switch (kind) {
                    case 0 -> victim.kill();
                    case 1 -> victim.freeze();
                    case 2 -> victim.leave();
                    case 3 -> cluster.loss = (from, to, bytes) -> from == victim.number || to == victim.number;
                    default -> cluster.loss = (from, to, bytes) -> random.nextInt(20) == 0;
                }
            }
            if (i == thawAt) {
                victim.thaw();
                cluster.loss = (from, to, bytes) -> false;
            }
            cluster.step();
            cluster.pass(InProcessNodes.TIMING.tickMillis());
        }
        cluster.loss = (from, to, bytes) -> false;
        victim.thaw();
        for (int i = 0; i < 4; i++) {
            assertSame(answers.get(i), models.alone(asked.get(i)));
        }
        cluster.assertIdle();
    }

    private GenerationRequest random(SplittableRandom random) {
        boolean sampled = random.nextBoolean();
        SamplingParams sampling = new SamplingParams(
                sampled ? 0.5f + (float) random.nextDouble() : 0,
                sampled && random.nextBoolean() ? 20 : 0,
                sampled && random.nextBoolean() ? 0.9f : 1,
                0,
                random.nextBoolean() ? 1.3f : 1,
                random.nextBoolean() ? 0.7f : 0,
                random.nextBoolean() ? 0.4f : 0,
                random.nextBoolean() ? Map.of(3, 1.5f, 7, -2f) : Map.of(),
                random.nextLong(),
                random.nextBoolean() ? 1 : -1,
                new int[0]);
        int maxTokens = 1 + random.nextInt(40);
        int[] ends = random.ints(40, 0, models.vocab()).toArray();
        return new GenerationRequest(
                        "r" + requests++,
                        ROOT,
                        random.ints(1 + random.nextInt(100), 0, models.vocab()).toArray(),
                        sampling,
                        maxTokens,
                        random.nextInt(maxTokens + 1),
                        ends,
                        random.nextInt(4) == 0 ? 1 : -1,
                        5)
                .withGuide(random.nextInt(4) == 0 ? DigitGuide.GUIDE : null);
    }

    private static GenerationRequest copy(GenerationRequest request) {
        return new GenerationRequest(
                        request.id(),
                        request.cacheRoot(),
                        Arrays.copyOf(request.prompt(), request.prompt().length),
                        request.sampling(),
                        request.maxTokens(),
                        request.minTokens(),
                        request.endTokens().clone(),
                        request.promptLogprobs(),
                        request.arrivalNanos())
                .withGuide(request.guide());
    }
}
