package dev.kvasir.engine.cluster;

/**
 * Hears which peers there are, before the directory's poll tells of them. Called on one thread, which must not be kept. A peer that was cut off may come
 * again after it has left: the same process, so its number is its own still.
 */
public interface PeerListener {
    /** A peer is there, or another address of it counts. */
    void onPeer(Peer peer);

    /** A peer is gone. */
    void onPeerLeft(int node);
}
