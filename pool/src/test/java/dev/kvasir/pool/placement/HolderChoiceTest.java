package dev.kvasir.pool.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HolderChoiceTest {
    private static List<Holding> on(int... nodes) {
        return Arrays.stream(nodes).mapToObj(node -> new Holding(node, false)).toList();
    }

    private static int[] choose(List<List<Holding>> holders, List<Boolean> here, long... outstanding) {
        return HolderChoice.choose(1, holders, here, 64, node -> outstanding[node]);
    }

    @Test
    void anOwnCopyIsTaken() {
        assertThat(choose(List.of(on(2), on()), List.of(true, true), 0, 0, 0)).containsExactly(1, 1);
    }

    @Test
    void aHolderThatIsNeededAnywayIsTakenThoughAnotherIsLessBusy() {
        assertThat(choose(List.of(on(2, 3), on(2), on(2, 3)), List.of(false, false, false), 0, 0, 900, 0))
                .containsExactly(2, 2, 2);
    }

    @Test
    void elseTheOneWithTheLeastOutstanding() {
        assertThat(choose(List.of(on(2, 3)), List.of(false), 0, 0, 900, 800)).containsExactly(3);
        assertThat(choose(List.of(on(2, 3)), List.of(false), 0, 0, 800, 800)).containsExactly(2);
    }

    @Test
    void whatWasChosenCounts() {
        // Both are needed; what may be read from either goes to whoever has less to do.
        List<List<Holding>> holders = List.of(on(2), on(3), on(2, 3), on(2, 3), on(2, 3), on(2, 3));
        int[] chosen = choose(holders, List.of(false, false, false, false, false, false), 0, 0, 0, 0);
        assertThat(chosen).containsExactly(2, 3, 2, 3, 2, 3);
    }

    @Test
    void nobodyIsChosenForWhatNobodyHas() {
        assertThat(choose(List.of(on(2), on()), List.of(false, false), 0, 0, 0)).containsExactly(2, 0);
    }

    @RandomizedTest
    void onlyHoldersAreChosen(SplittableRandom random) {
        List<List<Holding>> holders = new ArrayList<>();
        List<Boolean> here = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            int[] nodes =
                    random.ints(random.nextInt(1, 4), 2, 8).distinct().sorted().toArray();
            holders.add(on(nodes));
            here.add(random.nextInt(5) == 0);
        }
        int[] chosen = HolderChoice.choose(1, holders, here, 64, node -> random.nextInt(1_000));
        for (int i = 0; i < chosen.length; i++) {
            int node = chosen[i];
            assertThat(here.get(i) ? node == 1 : holders.get(i).contains(new Holding(node, false)))
                    .isTrue();
        }
    }
}
