package dev.kvasir.engine.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvasir.engine.ServerProcess;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Nodes on hosts of their own are killed, frozen and parted while clients ask them; no token is wrong, no request is lost but those of a node that was
 * killed, and when all is over nothing is left in use, everybody knows who has what, and nothing is held twice.
 */
class ChaosTest {
    private static final Logger log = LoggerFactory.getLogger(ChaosTest.class);
    private static final int NODES = 4;
    private static final int CLIENTS_EACH = 2;
    private static final int CONVERSATIONS = 6;
    private static final int TURNS = 3;
    private static final int GENERATED = 100;
    private static final int REST_SECONDS = 90;

    @RandomizedTest(1)
    @Timeout(600)
    void fiveRounds(SplittableRandom random) throws Exception {
        rounds(5, random);
    }

    @RandomizedTest(5)
    @Timeout(3600)
    @Tag("nightly")
    void twentyRounds(SplittableRandom random) throws Exception {
        rounds(Integer.getInteger("test.chaosRounds", 20), random);
    }

    private void rounds(int count, SplittableRandom random) throws Exception {
        String whyNot = NetworkNamespaces.whyNot();
        if (!whyNot.isEmpty()) {
            log.warn("skipped: {}", whyNot);
        }
        assumeTrue(whyNot.isEmpty(), whyNot);
        Path runs = Files.createDirectories(Path.of("target", "chaos")).toAbsolutePath();
        Path folder = Files.createTempDirectory(runs, "run-"); // stays, for who wants to know what went wrong
        Path model = SyntheticModel.tiny(Family.LLAMA).seed(random.nextLong()).write(folder.resolve("model"));
        List<Question> questions = questions(model, folder, random);
        try (NetworkNamespaces hosts = new NetworkNamespaces(NODES);
                Relays relays = NetworkNamespaces.hasNft() ? new Relays(hosts) : null;
                Cluster cluster = new Cluster(hosts, NODES, model, folder)) {
            Fault.World world = new Fault.World(hosts, relays, cluster, NODES);
            Load load = new Load(cluster, questions);
            Health.await(cluster, REST_SECONDS);
            List<Fault> order = order(count, random);
            for (int round = 0; round < count; round++) {
                Fault fault = order.get(round);
                load.start(CLIENTS_EACH, random.split());
                world.pass(1);
                String what;
                try {
                    what = fault.strike(world, random.split());
                } finally {
                    load.end();
                }
                assertThat(load.problems())
                        .as("round %d, %s; logs in %s", round + 1, what, folder)
                        .isEmpty();
                double rest = Health.await(cluster, REST_SECONDS);
                System.out.printf("round %3d: %-42s %s, well after %4.1f s%n", round + 1, what, load.counts(), rest);
            }
        }
    }

    /** Returns what a single process says to the turns of conversations, half of them sampled. */
    private static List<Question> questions(Path model, Path folder, SplittableRandom random) throws IOException {
        List<Question> questions = new ArrayList<>();
        try (ServerProcess single = Cluster.single(model, folder)) {
            for (int i = 0; i < CONVERSATIONS; i++) {
                List<Integer> text = new ArrayList<>(tokens(60, random));
                Integer seed = i % 2 == 0 ? null : i;
                for (int turn = 0; turn < TURNS; turn++) {
                    List<Integer> prompt = List.copyOf(text);
                    List<Integer> answer =
                            single.complete(prompt, GENERATED, null, seed).tokens();
                    assertThat(answer).hasSize(GENERATED);
                    questions.add(new Question(prompt, seed, answer));
                    text.addAll(answer);
                    text.addAll(tokens(20, random));
                }
            }
        }
        return questions;
    }

    private static List<Integer> tokens(int count, SplittableRandom random) {
        return random.ints(count, 3, 200).boxed().toList();
    }

    /** Returns faults in random order, each as often as any other. */
    private static List<Fault> order(int count, SplittableRandom random) {
        List<Fault> possible = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            if (fault.whyNot().isEmpty()) {
                possible.add(fault);
            } else {
                log.warn("no {}: {}", fault, fault.whyNot());
            }
        }
        List<Fault> order = new ArrayList<>();
        while (order.size() < count) {
            Collections.shuffle(possible, new Random(random.nextLong()));
            order.addAll(possible);
        }
        return order.subList(0, count);
    }
}
