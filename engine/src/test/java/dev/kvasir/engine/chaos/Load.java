package dev.kvasir.engine.chaos;

import dev.kvasir.engine.ServerProcess.Refused;
import dev.kvasir.engine.ServerProcess.Reply;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that ask at nodes' doors one question after the other and compare the answers. What is wrong or doesn't come is a problem; no answer from a node
 * that was killed is none, and neither is a refusal ({@code 503}, {@code 429}), after which a client asks again.
 */
final class Load {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /** One in so many requests has a cache of its own, so that cold segments come and go. */
    private static final int SALTED = 4;

    private static final int SALTS = 20;

    private final Cluster cluster;
    private final List<Question> questions;
    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger excused = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    private volatile boolean ending;

    Load(Cluster cluster, List<Question> questions) {
        this.cluster = cluster;
        this.questions = questions;
    }

    /**
     * Begins to ask.
     *
     * @param each how many clients each node has; one whose node doesn't answer waits for it
     */
    void start(int each, SplittableRandom random) {
        ending = false;
        for (int host = 0; host < cluster.nodes().size(); host++) {
            for (int i = 0; i < each; i++) {
                SplittableRandom own = random.split();
                int door = host;
                Thread client = new Thread(() -> run(door, own), "client " + i + " of " + host);
                clients.add(client);
                client.start();
            }
        }
    }

    /** Asks nothing more, and waits for the answers that are due. */
    void end() throws InterruptedException {
        ending = true;
        for (Thread client : clients) {
            client.join();
        }
        clients.clear();
    }

    List<String> problems() {
        return List.copyOf(problems);
    }

    int answered() {
        return answered.get();
    }

    /** Returns a line of counts, and begins them anew. */
    String counts() {
        return String.format(
                "%4d answers, %3d refusals, %2d lost with the node asked, slowest %5.1f s",
                answered.getAndSet(0), refused.getAndSet(0), excused.getAndSet(0), slowestNanos.getAndSet(0) / 1e9);
    }

    private void run(int host, SplittableRandom random) {
        while (!ending) {
            Cluster.Node node = cluster.node(host);
            Question question = questions.get(random.nextInt(questions.size()));
            String salt = random.nextInt(SALTED) == 0 ? "salt " + random.nextInt(SALTS) : null;
            if (cluster.isGone(node)) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                ask(node, question, salt);
            }
        }
    }

    private void ask(Cluster.Node node, Question question, @Nullable String salt) {
        long begun = System.nanoTime();
        try {
            Reply reply =
                    node.process().complete(question.prompt(), question.answer().size(), salt, question.seed());
            slowestNanos.accumulateAndGet(System.nanoTime() - begun, Math::max);
            if (reply.tokens().equals(question.answer())) {
                answered.incrementAndGet();
            } else {
                problems.add(node + " said " + reply + " where " + question.answer() + " is right");
            }
        } catch (Refused e) {
            if (e.status() == 503 || e.status() == 429) {
                refused.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            } else {
                problems.add(node + " said " + e.getMessage());
            }
        } catch (IOException e) {
            if (cluster.isGone(node)) {
                excused.incrementAndGet();
            } else {
                problems.add(node + " gave no answer in " + (System.nanoTime() - begun) / 1_000_000 + " ms: " + e);
            }
        }
    }
}
