package dev.kvasir.benchmarks.eviction;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Conversations of several turns: 64 are open, anyone may go on next; each turn sends all that was said and 1 to 4 segments more,
 * and is answered by 1 to 6. After each turn one in six ends, and another begins. They share four system prompts.
 */
record ConversationTraffic(long seed) implements Traffic {
    private static final int WARM_UP = 1_000;
    private static final int REQUESTS = 6_000;
    private static final int OPEN = 64;
    private static final int SYSTEM_PROMPTS = 4;
    private static final int SYSTEM_PROMPT = 8;
    private static final int QUESTION = 4;
    private static final int ANSWER = 6;
    private static final int TURNS = 6;

    @Override
    public String name() {
        return "conversations";
    }

    @Override
    public List<Request> requests(int slots) {
        Random random = new Random(seed);
        Contents contents = new Contents();
        List<long[]> systemPrompts = new ArrayList<>();
        for (int i = 0; i < SYSTEM_PROMPTS; i++) {
            systemPrompts.add(contents.fresh(SYSTEM_PROMPT));
        }
        List<long[]> open = new ArrayList<>();
        for (int i = 0; i < OPEN; i++) {
            open.add(systemPrompts.get(random.nextInt(SYSTEM_PROMPTS)));
        }
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < WARM_UP + REQUESTS; i++) {
            int at = random.nextInt(OPEN);
            long[] prompt = Contents.join(open.get(at), contents.fresh(random.nextInt(1, QUESTION + 1)));
            long[] all = Contents.join(prompt, contents.fresh(random.nextInt(1, ANSWER + 1)));
            requests.add(new Request(i < WARM_UP ? Request.WARM_UP : "all", prompt.length, all));
            open.set(at, random.nextInt(TURNS) == 0 ? systemPrompts.get(random.nextInt(SYSTEM_PROMPTS)) : all);
        }
        return requests;
    }
}
