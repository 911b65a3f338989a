/**
 * {@code bin/kvasir evaluate}: does a model know the answers? A <em>question set</em> makes questions that no training text contains; each is
 * a conversation up to the assistant's last turn, and has one expected reply. A reply is right if it is that one and nothing else.
 *
 * <p>{@link dev.kvasir.benchmarks.evaluation.EvaluateCommand} asks a running server.
 * {@link dev.kvasir.benchmarks.evaluation.PassagesCommand} computes in this process, so that it can cut attention between a prompt's passages.
 */
@NullMarked
package dev.kvasir.benchmarks.evaluation;

import org.jspecify.annotations.NullMarked;
