package dev.kvasir.pool.tiered;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;

/** Runs jobs when it's told to, in random order: copies of any slowness on one thread. */
final class JobQueue implements Executor {
    private final SplittableRandom random;
    private final List<Runnable> jobs = new ArrayList<>();

    JobQueue(SplittableRandom random) {
        this.random = random;
    }

    @Override
    public void execute(Runnable job) {
        jobs.add(job);
    }

    /** Runs one, if there is one. */
    void runOne() {
        if (!jobs.isEmpty()) {
            jobs.remove(random.nextInt(jobs.size())).run();
        }
    }

    int size() {
        return jobs.size();
    }
}
