package dev.kvasir.benchmarks.turns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Conversations in a round: first everyone's first turn, then everyone's second, so many at once. */
final class Talk {
    /** A conversation as far as it has come. Owned by whoever took it from the queue. */
    private static final class Conversation {
        final int index;
        final SplittableRandom random;
        int[] said = {};
        int turn;

        Conversation(int index, SplittableRandom random) {
            this.index = index;
            this.random = random;
        }
    }

    private final TurnsPlan plan;
    private final TurnClient client;
    private final int[] vocabulary;

    /**
     * A talk that hasn't begun.
     *
     * @param vocabulary token ids that prompts are drawn from; lent
     */
    Talk(TurnsPlan plan, TurnClient client, int[] vocabulary) {
        this.plan = plan;
        this.client = client;
        this.vocabulary = vocabulary;
    }

    /** Talks; returns every turn, conversation by conversation. */
    List<Turn> talk() throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(plan.seed());
        BlockingQueue<Conversation> next = new LinkedBlockingQueue<>();
        for (int i = 0; i < plan.conversations(); i++) {
            next.add(new Conversation(i, random.split()));
        }
        AtomicInteger left = new AtomicInteger(plan.conversations() * plan.turns());
        List<Turn> turns = atOnce(() -> {
            List<Turn> own = new ArrayList<>();
            while (left.getAndDecrement() > 0) {
                // There is one, or will be: of those with turns left, the ones that aren't here are under way.
                Conversation conversation = next.take();
                own.add(turn(conversation));
                if (conversation.turn < plan.turns()) {
                    next.add(conversation);
                }
            }
            return own;
        });
        turns.sort(Comparator.comparingInt(Turn::conversation).thenComparingInt(Turn::number));
        return turns;
    }

    private Turn turn(Conversation conversation) throws IOException, InterruptedException {
        int history = conversation.said.length;
        int added = conversation.turn == 0 ? plan.firstTokens() : plan.newTokens();
        IntStream fresh = conversation.random.ints(added, 0, vocabulary.length).map(index -> vocabulary[index]);
        int[] prompt = IntStream.concat(Arrays.stream(conversation.said), fresh).toArray();
        Turn turn = client.ask(conversation.index, conversation.turn++, prompt, history, null);
        conversation.said = IntStream.concat(Arrays.stream(prompt), Arrays.stream(turn.reply()))
                .toArray();
        return turn;
    }

    /**
     * Asks for every turn's reply again, each behind a salt of its own, so that nothing of it is found in a cache.
     *
     * @param salt begins the salts
     */
    List<Turn> again(List<Turn> turns, TurnClient other, String salt) throws IOException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        List<Turn> again = atOnce(() -> {
            List<Turn> own = new ArrayList<>();
            for (int i = next.getAndIncrement(); i < turns.size(); i = next.getAndIncrement()) {
                Turn turn = turns.get(i);
                own.add(other.ask(turn.conversation(), turn.number(), turn.prompt(), turn.history(), salt + "-" + i));
            }
            return own;
        });
        again.sort(Comparator.comparingInt(Turn::conversation).thenComparingInt(Turn::number));
        return again;
    }

    private List<Turn> atOnce(Callable<List<Turn>> work) throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(plan.concurrency());
        try {
            CompletionService<List<Turn>> parts = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < plan.concurrency(); i++) {
                parts.submit(work);
            }
            List<Turn> turns = new ArrayList<>();
            for (int i = 0; i < plan.concurrency(); i++) {
                turns.addAll(parts.take().get()); // whichever ends first: a failure ends the others
            }
            return turns;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
