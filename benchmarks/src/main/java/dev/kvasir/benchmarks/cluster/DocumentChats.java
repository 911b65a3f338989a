package dev.kvasir.benchmarks.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Conversations of five turns, each about a document: 400 documents of 8 to 24 segments, asked about by Zipf with exponent 0.9, behind a system prompt of two
 * segments that all share. A question has one or two segments, an answer one to three. Conversations begin at random (Poisson); who asks on thinks for ten seconds on the
 * average.
 */
final class DocumentChats {
    private static final int DOCUMENTS = 400;
    private static final double EXPONENT = 0.9;
    private static final int SHORTEST = 8;
    private static final int LONGEST = 24;
    private static final int SYSTEM_PROMPT = 2;
    private static final int TURNS = 5;
    private static final int QUESTION = 2;
    private static final int ANSWER = 3;
    private static final double THINK_SECONDS = 10;

    private final SplittableRandom random;
    private final Chains chains = new Chains();
    private long nextContent;

    private DocumentChats(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Draws so many conversations, of which so many begin a second. */
    static Workload draw(long seed, int sessions, double sessionsPerSecond) {
        return new DocumentChats(seed).draw(sessions, sessionsPerSecond);
    }

    private Workload draw(int count, double perSecond) {
        long[] systemPrompt = fresh(SYSTEM_PROMPT);
        List<long[]> documents = new ArrayList<>();
        double[] upTo = new double[DOCUMENTS]; // weight of all documents up to this one
        double sum = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            documents.add(join(systemPrompt, fresh(random.nextInt(SHORTEST, LONGEST + 1))));
            sum += Math.pow(i + 1, -EXPONENT);
            upTo[i] = sum;
        }
        List<Session> sessions = new ArrayList<>();
        double start = 0;
        for (int s = 0; s < count; s++) {
            start += exponential(1 / perSecond);
            int at = Arrays.binarySearch(upTo, random.nextDouble() * sum);
            long[] said = documents.get(at < 0 ? -at - 1 : at);
            List<Turn> turns = new ArrayList<>();
            for (int t = 0; t < TURNS; t++) {
                long[] prompt = join(said, fresh(random.nextInt(1, QUESTION + 1)));
                int answer = random.nextInt(1, ANSWER + 1);
                said = join(prompt, fresh(answer));
                double think = t == 0 ? 0 : exponential(THINK_SECONDS);
                turns.add(new Turn(think, prompt.length, said, chains.ids(said), answer * Chains.SEGMENT_TOKENS));
            }
            sessions.add(new Session(start, turns));
        }
        return new Workload(
                "documents",
                count + " conversations of " + TURNS + " turns about " + DOCUMENTS + " documents (Zipf " + EXPONENT
                        + "), " + perSecond + " begin a second",
                sessions);
    }

    private double exponential(double mean) {
        return -mean * Math.log(1 - random.nextDouble());
    }

    private long[] fresh(int count) {
        long[] contents = new long[count];
        for (int i = 0; i < count; i++) {
            contents[i] = nextContent++;
        }
        return contents;
    }

    private static long[] join(long[] first, long[] second) {
        long[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
