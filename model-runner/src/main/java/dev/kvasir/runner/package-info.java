/**
 * The model runner's contract: one {@linkplain dev.kvasir.runner.ModelRunner#run step} computes a ragged <em>batch</em> of
 * <em>rows</em>, each the share of one sequence: some new tokens behind a past that lies in the KV pool. Whether a row is
 * prefill or decode is derived from its numbers, never stored.
 *
 * <pre>
 * row of one sequence
 *   [0, from)   in the pool already, read through the segment table
 *   [from, to)  computed by this step, written to the pool
 *   to          sampled from the logits of token to - 1, when asked for
 * </pre>
 *
 * <p>{@linkplain dev.kvasir.runner.PartialAttention Partial attention} is the unit of attention over the pool: queries x a
 * span of segments gives an output and its logsumexp, and partials merge exactly. The engine talks to the runner in token
 * ids; {@link dev.kvasir.runner.Tokenizer}, {@link dev.kvasir.runner.ChatTemplate} and text decoding are the door to text.
 */
@NullMarked
package dev.kvasir.runner;

import org.jspecify.annotations.NullMarked;
