package dev.kvasir.engine.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.DirectoryContract;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;

/** What a directory keeps, between members of a real cluster. */
class ClusterDirectoryTest extends DirectoryContract {
    private final TestCluster cluster = new TestCluster();

    @Override
    protected Directory join() {
        return cluster.join();
    }

    @Override
    protected void crash(Directory node) {
        TestCluster.crash(cluster.node(node));
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    @RandomizedTest(1)
    void viewsBecomeWhatWasSaid(SplittableRandom random) {
        viewsBecomeWhatWasSaid(random, 400);
    }
}
