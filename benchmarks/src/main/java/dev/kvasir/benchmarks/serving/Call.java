package dev.kvasir.benchmarks.serving;

import java.util.concurrent.CompletableFuture;

/**
 * A request under way.
 *
 * @param answer completes when the answer has ended, one way or another; never exceptionally
 * @param cancel gives the request up: the answer completes soon after, as {@link RequestResult#CANCELLED}; does nothing
 *     once it has ended
 */
record Call(CompletableFuture<RequestResult> answer, Runnable cancel) {}
