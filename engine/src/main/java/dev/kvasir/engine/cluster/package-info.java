/**
 * The cluster's metadata: which nodes there are and who holds which segment. The only place that knows Hazelcast.
 *
 * <p>A <em>member</em> is a process in Hazelcast's cluster. A <em>node</em> is a member that serves a model; it has a <em>number</em>, which no other ever
 * has, and an <em>incarnation</em>, 128 random bits that tell if a number was given twice after all. A node's <em>peers</em> are the other nodes that serve
 * the same model. Each says how it is in a <em>status</em>, about once a second, and what it holds in <em>deltas</em>, numbered without a gap.
 *
 * <pre>
 *                        this node                                        another
 *   pool's thread     directory thread                          directory thread    pool's thread
 *   announce --poll-> Outbox --- segments (map) ---------------> when a delta was missed
 *                            --- then a delta (event bus) -----> PeerView ---Inbox--poll-> HolderIndex
 *   report ---------> status --- nodes (map) ------------------> PeerView: still the same set?
 * </pre>
 *
 * <p>Everything that others say is sealed with a key made from the cluster's secret, bounded before it is read, and dropped and counted if it is no
 * good. docs/decisions/0019-directory.md has the reasons and the figures.
 */
@NullMarked
package dev.kvasir.engine.cluster;

import org.jspecify.annotations.NullMarked;
