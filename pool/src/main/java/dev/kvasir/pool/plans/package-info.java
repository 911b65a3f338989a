/**
 * The pool's side of {@link dev.kvasir.pool.CacheInterface}: what it has of requests, what that will cost, and plans for batches that the scheduler
 * wants computed. It joins the directory, {@link dev.kvasir.pool.placement choice of holders} and {@link dev.kvasir.pool.dispatch dispatch}.
 */
@NullMarked
package dev.kvasir.pool.plans;

import org.jspecify.annotations.NullMarked;
