package dev.kvasir.engine.cluster;

import dev.kvasir.pool.NodeStatus;

/**
 * What a node knows of another one, for who looks.
 *
 * @param peer who it is
 * @param status how it is, as it said last
 * @param heardNanos when it said so, on this process's clock
 * @param held segments that it holds, as far as is known here
 */
public record PeerReport(Peer peer, NodeStatus status, long heardNanos, int held) {}
