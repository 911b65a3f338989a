/**
 * {@code kvasir bench cluster-sim}: what several nodes find in their caches, by routing policy and memory. A discrete-event simulation in which the real
 * policies decide, {@link dev.kvasir.scheduler.routing routing} and {@link dev.kvasir.pool.placement placement}, the same objects that a cluster
 * runs; nodes are slot counts with a queue, and the network is a sum of bytes. What comes out are counts; times only order events.
 *
 * <pre>
 *   arrival --route--> queue --a place is free--> prefix matched and pinned --> prompt sealed --> answer sealed, unpinned --> next turn
 *   each epoch: every node's placement is polled, and what it decides is carried out
 * </pre>
 */
@NullMarked
package dev.kvasir.benchmarks.cluster;

import org.jspecify.annotations.NullMarked;
