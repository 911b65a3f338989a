/**
 * What runs next. A {@linkplain dev.kvasir.scheduler.Scheduler#step step} drains commands, plans a batch under a token
 * budget, runs it and delivers the tokens. A request waits, runs, may be preempted and resumed, and ends; a
 * <em>sequence</em> is the scheduler's state of one generation.
 *
 * <pre>
 * tokens of a running sequence
 *   [0, prefix)          sealed segments, pinned: matched in the prefix tree or computed and inserted by this sequence
 *   [prefix, computed)   in private writing slots
 *   [computed, length)   to be computed: the rest of the prompt, or the one token sampled last
 * </pre>
 *
 * <p>Plain Java with one owner, the step thread; time comes in through the constructor.
 */
@NullMarked
package dev.kvasir.scheduler;

import org.jspecify.annotations.NullMarked;
