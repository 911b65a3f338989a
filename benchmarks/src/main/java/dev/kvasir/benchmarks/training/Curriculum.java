package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.corpus.ChatTask;
import dev.kvasir.benchmarks.training.corpus.ListTask;
import dev.kvasir.benchmarks.training.corpus.LongTask;
import dev.kvasir.benchmarks.training.corpus.SumTask;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.drill.RepeatTask;
import dev.kvasir.benchmarks.training.corpus.drill.WordDrillTask;
import dev.kvasir.benchmarks.training.corpus.notes.LinkTask;
import dev.kvasir.benchmarks.training.corpus.notes.NotStatedTask;
import dev.kvasir.benchmarks.training.corpus.notes.OnePassageTask;
import dev.kvasir.benchmarks.training.corpus.notes.TwoHopTask;
import dev.kvasir.benchmarks.training.corpus.story.StoryTask;
import dev.kvasir.benchmarks.training.corpus.tools.ToolCallTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Which tasks are trained when: looking up first, among words, then in notes; all tasks once that is learned; long conversations
 * last.
 */
final class Curriculum {
    private record Weighted(Task task, double weight) {}

    /** A stage: up to which share of the run, and its tasks. */
    private record Stage(double until, List<Weighted> tasks) {}

    private static final Task STORY = new StoryTask();
    private static final Task CHAT = new ChatTask();
    private static final Task LIST = new ListTask();
    private static final Task SUM = new SumTask();
    private static final Task TOOLS = new ToolCallTask();

    private static final List<Stage> STAGES = List.of(
            new Stage(
                    0.03,
                    List.of(
                            new Weighted(new RepeatTask(6, 30), 0.60),
                            new Weighted(new WordDrillTask(4, 8, 6), 0.10),
                            new Weighted(new OnePassageTask(2, 3, 3), 0.30))),
            new Stage(
                    0.15,
                    List.of(
                            new Weighted(new RepeatTask(6, 30), 0.05),
                            new Weighted(new WordDrillTask(4, 12, 6), 0.10),
                            new Weighted(new OnePassageTask(2, 6, 5), 0.40),
                            new Weighted(new LinkTask(1, 4, 0.8), 0.45))),
            new Stage(
                    0.32,
                    List.of(
                            new Weighted(new WordDrillTask(4, 16, 6), 0.03),
                            new Weighted(new OnePassageTask(3, 9, 6), 0.13),
                            new Weighted(new LinkTask(1, 4, 0.8), 0.36),
                            new Weighted(new TwoHopTask(2, 3, 6, 0.8), 0.24),
                            new Weighted(new NotStatedTask(2, 8, 5), 0.06),
                            new Weighted(TOOLS, 0.06),
                            new Weighted(STORY, 0.06),
                            new Weighted(CHAT, 0.03),
                            new Weighted(SUM, 0.03))),
            new Stage(
                    0.65,
                    List.of(
                            new Weighted(new RepeatTask(6, 30), 0.03),
                            new Weighted(new WordDrillTask(4, 16, 6), 0.03),
                            new Weighted(new OnePassageTask(3, 9, 6), 0.14),
                            new Weighted(new LinkTask(2, 4, 0.6), 0.14),
                            new Weighted(new TwoHopTask(2, 4, 6, 0.6), 0.20),
                            new Weighted(new NotStatedTask(2, 8, 5), 0.13),
                            new Weighted(TOOLS, 0.16),
                            new Weighted(STORY, 0.09),
                            new Weighted(CHAT, 0.04),
                            new Weighted(LIST, 0.02),
                            new Weighted(SUM, 0.03))),
            new Stage(
                    1.0,
                    List.of(
                            new Weighted(new RepeatTask(6, 30), 0.01),
                            new Weighted(new WordDrillTask(4, 16, 6), 0.02),
                            new Weighted(new OnePassageTask(3, 12, 5), 0.09),
                            new Weighted(new LinkTask(2, 5, 0.5), 0.04),
                            new Weighted(new TwoHopTask(2, 5, 6, 0.5), 0.16),
                            new Weighted(new NotStatedTask(3, 10, 5), 0.14),
                            new Weighted(TOOLS, 0.22),
                            new Weighted(STORY, 0.20),
                            new Weighted(CHAT, 0.06),
                            new Weighted(LIST, 0.02),
                            new Weighted(SUM, 0.04),
                            new Weighted(
                                    new LongTask(
                                            List.of(
                                                    STORY,
                                                    CHAT,
                                                    LIST,
                                                    SUM,
                                                    new OnePassageTask(6, 20, 5),
                                                    new TwoHopTask(2, 5, 5, 0)),
                                            2_000,
                                            8_000),
                                    0.015))));

    private Curriculum() {}

    /** Returns a task for the next conversation, {@code progress} from 0 to 1 into the run. */
    static Task pick(RandomGenerator random, double progress) {
        Stage stage = STAGES.stream()
                .filter(candidate -> progress < candidate.until)
                .findFirst()
                .orElse(STAGES.get(STAGES.size() - 1));
        double chosen = random.nextDouble()
                * stage.tasks.stream().mapToDouble(Weighted::weight).sum();
        for (Weighted weighted : stage.tasks) {
            chosen -= weighted.weight;
            if (chosen < 0) {
                return weighted.task;
            }
        }
        return stage.tasks.get(0).task;
    }

    /** Returns every short task once, for counting words. */
    static List<Task> tasks() {
        Map<String, Task> tasks = new LinkedHashMap<>();
        STAGES.stream()
                .flatMap(stage -> stage.tasks.stream())
                .map(Weighted::task)
                .filter(task -> !(task instanceof LongTask))
                .forEach(task -> tasks.putIfAbsent(task.name(), task));
        return List.copyOf(tasks.values());
    }
}
