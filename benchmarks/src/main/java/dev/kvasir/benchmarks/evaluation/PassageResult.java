package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.evaluation.PassageModel.Verdict;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The verdicts on one question set under one kind of attention.
 *
 * @param set the set's name
 * @param questions what was asked
 * @param verdicts one for each question
 */
record PassageResult(String set, PassageAttention attention, List<Question> questions, List<Verdict> verdicts) {
    PassageResult {
        questions = List.copyOf(questions);
        verdicts = List.copyOf(verdicts);
    }

    Accuracy accuracy() {
        return new Accuracy((int) verdicts.stream().filter(Verdict::right).count(), verdicts.size());
    }

    /** Returns how many questions are right here and not under another kind of attention to the same questions. */
    long rightUnlike(PassageResult other) {
        if (!questions.equals(other.questions)) {
            throw new IllegalArgumentException("other questions: " + set + " and " + other.set);
        }
        return IntStream.range(0, verdicts.size())
                .filter(i -> verdicts.get(i).right() && !other.verdicts.get(i).right())
                .count();
    }
}
