/**
 * The data plane: {@link dev.kvasir.pool.Wire} over TCP. A <em>frame</em> is what the pool sends; a <em>record</em> is a piece of one, at most
 * {@link dev.kvasir.engine.wire.WireLimits#recordBytes()} long, encrypted and numbered; a <em>link</em> is an authenticated connection. Between two
 * nodes there is one link, opened by the one with the higher number, for it came later and knows where the other listens. A <em>peer</em> is a node in
 * the table that the membership keeps, with or without a link.
 *
 * <pre>
 *   send -> Outbox (bounded, by channel) -> RecordSealer -> socket ~~> RecordReader -> RecordOpener -> FrameAssembler -> Receiver
 *
 *   initiator                                 responder
 *      |<-- preamble: version, TLS or not -------|      [TLS handshake, where configured]
 *      |--- hello: both numbers, nonce --------->|
 *      |<-- challenge: numbers, nonce, tag ------|      tags are HMAC-SHA256 under the cluster secret over all
 *      |--- proof: tag ------------------------->|      that was said before, and the role of who makes them
 *      |<-- first record: ready -----------------|
 * </pre>
 *
 * <p>All sockets of a wire belong to one event loop, and so does everything below {@link dev.kvasir.engine.wire.NetWire} but the outboxes and counters.
 * Why it is so, with figures: {@code docs/decisions/0018-data-plane.md}.
 */
@NullMarked
package dev.kvasir.engine.wire;

import org.jspecify.annotations.NullMarked;
