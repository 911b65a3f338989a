package dev.kvasir.engine.routing;

/** How encrypted messages get to other nodes, each pair's in order or not at all. Called on the loop. */
@FunctionalInterface
interface Post {
    void send(int node, byte[] bytes);
}
