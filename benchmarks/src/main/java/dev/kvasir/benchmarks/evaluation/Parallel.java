package dev.kvasir.benchmarks.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same with each of many things, several at a time. */
final class Parallel {
    private Parallel() {}

    /** What is done with one thing. */
    interface Step<T, R> {
        R apply(T thing) throws InterruptedException;
    }

    /** Returns the results in the order of the things. The first failure is thrown, once it is its turn. */
    static <T, R> List<R> map(List<T> things, int threads, Step<T, R> step) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<R>> calls = new ArrayList<>();
            things.forEach(thing -> calls.add(() -> step.apply(thing)));
            List<R> results = new ArrayList<>();
            for (Future<R> result : pool.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
