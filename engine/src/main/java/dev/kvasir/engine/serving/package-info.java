/**
 * From a checked request to text, with no HTTP in it. A <em>node</em> has a phase and, once ready, a served model and a step
 * thread. A <em>generation</em> is what one call asked for: one or more <em>choices</em>, each a request of the scheduler. Tokens
 * come from the step thread through a <em>relay</em> to the one thread that owns the generation.
 *
 * <pre>
 * step thread   scheduler.step() -> TokenRelay (queue) ~~hop~~> generation's thread
 *                                                               Generation -> ChoiceText -> Listener
 *                                                               (decode, stop strings, hold back)
 * </pre>
 */
@NullMarked
package dev.kvasir.engine.serving;

import org.jspecify.annotations.NullMarked;
