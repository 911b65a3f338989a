package dev.kvasir.benchmarks.evaluation;

import org.jspecify.annotations.Nullable;

/**
 * What came back for a question.
 *
 * @param question what was asked
 * @param reply the whole text; empty for a failure
 * @param promptTokens by the server's count, 0 where it reports none
 * @param outputTokens likewise
 * @param failure why there is no reply; null for an answer, right or wrong
 */
record Answer(
        Question question,
        String reply,
        int promptTokens,
        int outputTokens,
        @Nullable String failure) {
    static Answer failed(Question question, String failure) {
        return new Answer(question, "", 0, 0, failure);
    }

    boolean isFailure() {
        return failure != null;
    }

    boolean isRight() {
        return failure == null && Reply.isRight(reply, question.expected());
    }

    boolean isWrong() {
        return failure == null && !isRight();
    }
}
