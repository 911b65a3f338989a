/**
 * Serving load over HTTP, against any server that speaks OpenAI's API. A <em>pace</em> says when the next request is due: an
 * <em>open loop</em> draws Poisson arrivals and doesn't care how the server is doing, a <em>closed loop</em> keeps a fixed
 * number of requests in flight. Each answer is a stream of server-sent events; a <em>chunk</em> is one event that carries
 * tokens, usually one.
 *
 * <pre>
 *   due        sent      first token     second      last token
 *    |--late----|             |             |             |
 *    |---------- TTFT --------|---- ITL ----|---- ITL ----|
 *    |----------------------- E2E ------------------------|
 *                                              TPOT = (E2E - TTFT) / (output tokens - 1)
 * </pre>
 *
 * <p>Latencies count from when a request was <em>due</em>. A generator that counted from the moment it got round to sending
 * would hide every stall of its own, and of a server that keeps it from sending (coordinated omission). In a closed loop a
 * request is due when the one before it in its place has ended, so due and sent are the same.
 */
@NullMarked
package dev.kvasir.benchmarks.serving;

import org.jspecify.annotations.NullMarked;
