/**
 * Requests that run on other nodes. The <em>front</em> is the node whose door a request came in by; its <em>worker</em> is the node that runs it, chosen by a
 * policy, often the front itself. An <em>attempt</em> is one sending of a request to one worker; it has a number that is never used again, so that nothing
 * late is taken for something else.
 *
 * <pre>
 * front                                           worker
 *   submit -> policy -> this node's scheduler
 *                    \~ Submit ~~~~~~~~~~~~~~~~~~>  scheduler.submit
 *   sink   <~~ Accepted, Prefilled, Tokens, Finished ~  sink
 *              Running: "these attempts live" ~~~~~  every half second
 *          ~~  Wanted: "these are still wanted" ~~>  every half second
 *
 * a request at its front
 *   placing --chosen--> here or there --finished--> ended
 *      ^                      |
 *      +-- refused, handed back, silent, lost: goes on behind the tokens that were delivered
 * </pre>
 *
 * <p>Front and worker are plain state machines on one thread, the loop, with a clock and a way to send from outside; {@code RoutingBus} puts them on Vert.x'
 * event bus.
 */
@NullMarked
package dev.kvasir.engine.routing;

import org.jspecify.annotations.NullMarked;
