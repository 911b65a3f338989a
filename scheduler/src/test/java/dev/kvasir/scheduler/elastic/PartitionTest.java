package dev.kvasir.scheduler.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.scheduler.elastic.Partition.Cut;
import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PartitionTest {
    /** Times and targets of any kind: more nodes needn't be faster, more requests needn't take longer. */
    private record Case(double[] targets, int nodes, double[][][] seconds) {
        static Case draw(SplittableRandom random) {
            int requests = random.nextInt(1, 7);
            int nodes = random.nextInt(1, 5);
            double[] targets = random.doubles(requests, 1, 10).toArray();
            double[][][] seconds = new double[requests][requests + 1][nodes + 1];
            double slow = random.nextDouble(5, 15); // few meet their targets, or most do
            for (double[][] from : seconds) {
                for (double[] to : from) {
                    for (int degree = 1; degree <= nodes; degree++) {
                        to[degree] = random.nextDouble(0.5, slow);
                    }
                }
            }
            return new Case(targets, nodes, seconds);
        }

        double time(int from, int to, int degree) {
            return seconds[from][to][degree];
        }

        /** Returns the least cost of requests from {@code from} on with so many nodes; infinite if there's no way. */
        double bruteForce(int from, int left) {
            if (from == targets.length) {
                return 0;
            }
            double best = Double.POSITIVE_INFINITY;
            for (int to = from + 1; to <= targets.length; to++) {
                for (int degree = 1; degree <= left; degree++) {
                    if (isInTime(from, to, degree)) {
                        double cost = (to - from) * time(from, to, degree) + bruteForce(to, left - degree);
                        best = Math.min(best, cost);
                    }
                }
            }
            return best;
        }

        boolean isInTime(int from, int to, int degree) {
            for (int i = from; i < to; i++) {
                if (time(from, to, degree) > targets[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    @RandomizedTest(200)
    void noOtherPartitionCostsLess(SplittableRandom random) {
        Case drawn = Case.draw(random);
        double least = drawn.bruteForce(0, drawn.nodes());
        Optional<Partition> found = Partition.cheapest(drawn.targets(), drawn.nodes(), drawn::time);
        assertThat(found.isPresent()).isEqualTo(least < Double.POSITIVE_INFINITY);
        found.ifPresent(partition -> {
            assertThat(partition.cost()).isCloseTo(least, within(1e-9));
            int next = 0;
            int nodes = 0;
            double cost = 0;
            for (Cut cut : partition.cuts()) {
                assertThat(cut.from()).isEqualTo(next);
                assertThat(drawn.isInTime(cut.from(), cut.to(), cut.nodes())).isTrue();
                cost += (cut.to() - cut.from()) * drawn.time(cut.from(), cut.to(), cut.nodes());
                next = cut.to();
                nodes += cut.nodes();
            }
            assertThat(next).isEqualTo(drawn.targets().length);
            assertThat(nodes).isLessThanOrEqualTo(drawn.nodes());
            assertThat(cost).isCloseTo(partition.cost(), within(1e-9));
        });
    }

    @Test
    void withoutRequestsThereIsNothingToCut() {
        assertThat(Partition.cheapest(new double[0], 3, (from, to, nodes) -> 1)).contains(new Partition(List.of(), 0));
    }

    @Test
    void nodesThatSaveNothingAreNotTaken() {
        assertThat(Partition.cheapest(new double[] {9}, 3, (from, to, nodes) -> 1))
                .contains(new Partition(List.of(new Cut(0, 1, 1)), 1));
    }
}
