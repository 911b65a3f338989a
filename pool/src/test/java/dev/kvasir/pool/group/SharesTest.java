package dev.kvasir.pool.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharesTest {
    @RandomizedTest(300)
    void sharesFollowEachOtherAndAreAlike(SplittableRandom random) {
        int nodes = random.nextInt(2, 9);
        int first = random.nextInt(50);
        int last = first + nodes + random.nextInt(400);
        int most = random.nextInt(1, 40);
        List<Integer> members =
                IntStream.range(1, nodes + 1).map(i -> 3 * i).boxed().toList();
        Shares shares = Shares.of(members, first, last, most);
        assertThat(shares.from(0)).isEqualTo(first);
        assertThat(last - shares.to(shares.count() - 1)).isBetween(0, nodes - 1);
        int least = Integer.MAX_VALUE;
        for (int share = 0; share < shares.count(); share++) {
            int length = shares.to(share) - shares.from(share);
            assertThat(length).isBetween(1, most);
            assertThat(length).isLessThanOrEqualTo(shares.longest());
            least = Math.min(least, length);
            assertThat(shares.share(shares.roundOf(share), shares.rankOf(share)))
                    .isEqualTo(share);
        }
        assertThat(shares.longest() - least).isBetween(0, 1);
        assertThat(shares.last()).isEqualTo(shares.to(shares.count() - 1));
    }

    @Test
    void whatCannotBeSharedOutIsRefused() {
        assertThatThrownBy(() -> Shares.of(List.of(1, 2, 3), 0, 2, 4)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(List.of(2, 1), 0, 9, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(List.of(1), 0, 9, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(List.of(1, 2), 0, 9, Integer.MAX_VALUE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(List.of(1, 2), -1, 9, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Shares(List.of(1, 2), 0, Integer.MAX_VALUE, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
