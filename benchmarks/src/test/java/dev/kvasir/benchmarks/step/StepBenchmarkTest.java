package dev.kvasir.benchmarks.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class StepBenchmarkTest {
    private static final int SLOTS = 512;
    private static final long STEP_NANOS = 2_000_000;
    private static final long TOKEN_NANOS = 10_000;
    private static final int CHUNK = 100;

    private final AtomicLong clock = new AtomicLong();
    private final Map<Plan, CostedRunner> runners = new EnumMap<>(Plan.class);

    private LoadedModel load(CostedRunner runner, Plan plan) {
        runners.put(plan, runner);
        SchedulerConfig config = new SchedulerConfig(CHUNK + 8, 8, 8, CHUNK, 4096);
        return new LoadedModel(runner, config, clock::get, new SplittableRandom(1), null);
    }

    private Measurement measure(Workload workload, int slots, long nanosPerSlot) {
        CostedRunner runner = new CostedRunner(clock, slots, STEP_NANOS, TOKEN_NANOS, nanosPerSlot);
        try (LoadedModel model = load(runner, Plan.FUSED)) {
            return model.measure(workload);
        }
    }

    @Test
    void aPrefillIsTimedFromItsFirstChunkToItsFirstToken() {
        Measurement measured = measure(Workload.prefill(250), SLOTS, 0);
        assertThat(runners.get(Plan.FUSED).stepTokens).containsExactly(100, 100, 50);
        assertThat(measured.steps()).isEqualTo(3);
        assertThat(measured.nanos()).isEqualTo(3 * STEP_NANOS + 250 * TOKEN_NANOS);
        assertThat(measured.tokensPerSecond()).isEqualTo(250e9 / measured.nanos());
    }

    @Test
    void aDecodeIsTimedOnlyWhileEverySequenceDecodes() {
        Measurement measured = measure(Workload.decode(8, 50, 20), SLOTS, 0);
        assertThat(measured.tokens()).isEqualTo(160);
        assertThat(measured.steps()).isEqualTo(20);
        assertThat(measured.nanos()).isEqualTo(20 * (STEP_NANOS + 8 * TOKEN_NANOS));
        List<Integer> steps = runners.get(Plan.FUSED).stepTokens;
        assertThat(steps.subList(steps.size() - 20, steps.size())).containsOnly(8);
    }

    @Test
    void whatThePoolTakesIsTimeOutsideTheRunner() {
        // 7 slots for 100 tokens, at a seventh of the runner's time each: half of the step is the pool's.
        long runnerNanos = STEP_NANOS + 100 * TOKEN_NANOS;
        Measurement measured = measure(Workload.prefill(100), SLOTS, runnerNanos / 7);
        assertThat(measured.runnerNanos()).isEqualTo(runnerNanos);
        assertThat(measured.outsideRunner()).isEqualTo(0.5, within(1e-6));
        assertThat(measure(Workload.prefill(100), SLOTS, 0).outsideRunner()).isZero();
    }

    @Test
    void aPoolThatIsTooSmallForTheBatchIsSaidAndNotMeasured() {
        assertThatThrownBy(() -> measure(Workload.decode(8, 100, 100), 70, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("decode batch 8 behind 100");
    }

    @Test
    void repetitionsFindNothingOfTheOnesBefore() {
        CostedRunner runner = new CostedRunner(clock, SLOTS, STEP_NANOS, TOKEN_NANOS, 0);
        try (LoadedModel model = load(runner, Plan.FUSED)) {
            assertThat(model.measure(Workload.prefill(250))).isEqualTo(model.measure(Workload.prefill(250)));
        }
        assertThat(runner.stepTokens).containsExactly(100, 100, 50, 100, 100, 50);
        assertThat(runner.isClosed).isTrue();
    }

    @Test
    void plansTakeTurnsAndAreComparedTurnByTurn() {
        List<String> said = new ArrayList<>();
        StepPlan plan = new StepPlan(
                List.of(Workload.decode(2, 10, 5), Workload.prefill(100)), List.of(Plan.FUSED, Plan.LAYERED), 3);
        List<StepResult> results = new StepBenchmark(
                        plan,
                        each -> load(
                                new CostedRunner(clock, SLOTS, each == Plan.FUSED ? 1_000_000 : 1_100_000, 0, 0), each),
                        said::add)
                .run();

        assertThat(results).hasSize(4).allMatch(result -> result.measurements().size() == 3);
        assertThat(results.get(1).plan()).isEqualTo(Plan.LAYERED);
        assertThat(results.get(1).timeRatio(results.get(0))).isEqualTo(1.1, within(1e-9));
        assertThat(runners.values()).allMatch(runner -> runner.isClosed);
        assertThat(said).contains("loading the model, layered plan", "measuring prefill 100");

        assertThat(StepReport.text(results)).contains("decode batch 2 behind 10", "layered", "1.100");
        JsonNode json = StepReport.json(results);
        assertThat(json.get(1).path("timeVersusFirstPlan").asDouble()).isEqualTo(1.1, within(1e-9));
        assertThat(json.get(0).path("tokensPerSecond").asDouble()).isEqualTo(2000, within(1e-6));
        assertThat(json.get(2).path("measurements")).hasSize(3);
    }

    @Test
    void aPlanThatCanNotBeLoadedClosesTheOneThatWas() {
        StepPlan plan = new StepPlan(List.of(Workload.prefill(10)), List.of(Plan.FUSED, Plan.LAYERED), 1);
        StepBenchmark benchmark = new StepBenchmark(
                plan,
                each -> {
                    if (each == Plan.LAYERED) {
                        throw new ModelLoadException("no memory");
                    }
                    return load(new CostedRunner(clock, SLOTS, 1, 1, 1), each);
                },
                line -> {});
        assertThatThrownBy(benchmark::run).isInstanceOf(ModelLoadException.class);
        assertThat(runners.get(Plan.FUSED).isClosed).isTrue();
    }

    @Test
    void theMedianOfAnEvenCountIsTheMeanOfTheMiddleTwo() {
        StepResult result = new StepResult(
                Workload.prefill(1), Plan.FUSED, List.of(ofNanos(40), ofNanos(10), ofNanos(20), ofNanos(90)));
        assertThat(result.median(Measurement::nanos)).isEqualTo(30);
        assertThat(result.min(Measurement::nanos)).isEqualTo(10);
        assertThat(result.max(Measurement::nanos)).isEqualTo(90);
    }

    @Test
    void theRatioOfTwoPlansIsTheMedianOfTheirTurnsNotTheRatioOfTheirMedians() {
        // The machine was ten times slower in the second turn, for both.
        StepResult base =
                new StepResult(Workload.prefill(1), Plan.FUSED, List.of(ofNanos(100), ofNanos(1000), ofNanos(120)));
        StepResult other =
                new StepResult(Workload.prefill(1), Plan.LAYERED, List.of(ofNanos(110), ofNanos(1100), ofNanos(150)));
        assertThat(other.timeRatio(base)).isEqualTo(1.1, within(1e-9));
    }

    private static Measurement ofNanos(long nanos) {
        return new Measurement(1, nanos, 1, nanos, nanos);
    }
}
