package dev.kvasir.pool.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.DirectoryContract;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LocalDirectoryTest extends DirectoryContract {
    private final DirectoryHub hub = new DirectoryHub();

    @Override
    protected Directory join() {
        return hub.join();
    }

    @Override
    protected void crash(Directory node) {
        hub.leave((LocalDirectory) node);
    }

    @RandomizedTest
    void viewsBecomeWhatWasSaid(SplittableRandom random) {
        viewsBecomeWhatWasSaid(random, 400);
    }

    @Test
    void onePollIsEnough() {
        Directory[] nodes = nodes(2);
        nodes[0].announce(segment(1), false);
        poll(nodes[0]);
        assertThat(poll(nodes[1])).isTrue();
        assertThat(nodes[1].holders(segment(1))).hasSize(1);
        assertThat(poll(nodes)).isFalse();
    }

    @Test
    void whoHasLeftIsNotHeard() {
        Directory[] nodes = nodes(2);
        crash(nodes[0]);
        nodes[0].announce(segment(1), false);
        poll(nodes);
        poll(nodes);
        assertThat(nodes[1].holders(segment(1))).isEmpty();
    }
}
