package dev.kvasir.benchmarks.evaluation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The answers to one question set.
 *
 * @param name the set's
 * @param answers in the order of the questions, failures included
 * @param nanos from the first question to the last answer
 */
record SetResult(String name, List<Answer> answers, long nanos) {
    private static final double NANOS_PER_SECOND = 1e9;

    SetResult {
        answers = List.copyOf(answers);
    }

    /** Returns how many were right of those that were answered. */
    Accuracy accuracy() {
        return new Accuracy(count(Answer::isRight), answers.size() - errors());
    }

    int errors() {
        return count(Answer::isFailure);
    }

    /** Returns how often each failure came. */
    Map<String, Long> failures() {
        return answers.stream()
                .filter(Answer::isFailure)
                .collect(Collectors.groupingBy(
                        answer -> String.valueOf(answer.failure()), TreeMap::new, Collectors.counting()));
    }

    List<Answer> wrong() {
        return answers.stream().filter(Answer::isWrong).toList();
    }

    long promptTokens() {
        return answers.stream().mapToLong(Answer::promptTokens).sum();
    }

    long outputTokens() {
        return answers.stream().mapToLong(Answer::outputTokens).sum();
    }

    double seconds() {
        return nanos / NANOS_PER_SECOND;
    }

    private int count(Predicate<Answer> which) {
        return (int) answers.stream().filter(which).count();
    }
}
