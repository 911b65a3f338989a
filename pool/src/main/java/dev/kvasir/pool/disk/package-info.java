/**
 * The disk tier's memory: one file of fixed-size records that survives a restart. A <em>record</em> is a
 * <em>header</em> that says which segment lies in a slot, and a <em>payload</em>, its bytes. Headers lie in front of
 * the payloads of their <em>group</em> of slots, so that a restart reads them in a few large pieces and no payload at
 * all, and so that a file grows and shrinks at its end.
 *
 * <pre>
 * file      [ file header ][ group 0 ][ group 1 ] ... [ last group, cut after its last payload )
 * group     [ header 0 ][ header 1 ] ... [ header 63 ][ payload 0 ][ payload 1 ] ... [ payload 63 )
 * </pre>
 *
 * <p>Every part begins at a multiple of 4,096 bytes. Since a segment's identity is a digest of what it holds, a record
 * that is old is still right; the checksums in the headers tell those apart that are torn or flipped.
 */
@NullMarked
package dev.kvasir.pool.disk;

import org.jspecify.annotations.NullMarked;
