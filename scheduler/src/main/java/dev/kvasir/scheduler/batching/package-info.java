/**
 * Continuous batching. A step gives every running <em>decode</em> one token, every running <em>prefill</em> a chunk, and
 * what is left of the token budget to the requests that wait. A sequence holds its past in a {@linkplain
 * dev.kvasir.scheduler.batching.SegmentTable segment table}; full segments are sealed into the prefix tree as soon as they
 * are computed, so that others reuse them while the sequence still runs.
 *
 * <pre>
 *            submit            admit                 end token, length, cancel, error
 *   (inbox) ────────▶ WAITING ───────▶ RUNNING ─────────────────────────────▶ FINISHED
 *                        ▲                │
 *                        └────────────────┘
 *                             preempt
 * </pre>
 *
 * <p>Everything is ordered by <em>arrival</em>: who came first is served first, and who came last gives its slots back
 * first, among requests of one priority; those of a lower number count as having come before. So the oldest running sequence never loses its slots, and every request ends.
 */
@NullMarked
package dev.kvasir.scheduler.batching;

import org.jspecify.annotations.NullMarked;
