/**
 * The multi-turn workload: conversations that take turns at a server, each turn's prompt all that was said before and something new. It counts the
 * prompt tokens that the server computed beside those that no cache could have saved it, and compares the replies with those of a server whose cache
 * finds nothing. Prompts and replies go over the wire as token ids, so that no text in between blurs what was said.
 */
@NullMarked
package dev.kvasir.benchmarks.turns;

import org.jspecify.annotations.NullMarked;
