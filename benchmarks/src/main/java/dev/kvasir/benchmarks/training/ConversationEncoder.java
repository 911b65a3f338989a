package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.Example.Known;
import dev.kvasir.benchmarks.training.Example.Reply;
import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.Tokenizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Encodes conversations as the served model reads them: the parts of a turn meet where a token ends anyway. */
final class ConversationEncoder {
    private static final int CACHED_TEXTS = 100_000;

    private final Tokenizer tokenizer;
    private final Map<Role, Integer> markers = new EnumMap<>(Role.class);
    private final int end;
    // Few texts are long and many are said again.
    private final Map<String, int[]> cache = new HashMap<>();

    ConversationEncoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        for (Role role : Role.values()) {
            markers.put(role, single(Prompts.marker(role)));
        }
        end = single(Prompts.END);
    }

    private int single(String token) {
        int[] ids = ids(token);
        if (ids.length != 1) {
            throw new IllegalArgumentException("the tokenizer has no token " + token);
        }
        return ids[0];
    }

    Example encode(Conversation conversation) {
        IntBuilder tokens = new IntBuilder();
        List<Byte> groups = new ArrayList<>();
        List<Reply> replies = new ArrayList<>();
        List<Known> hints = new ArrayList<>();
        boolean hides = !conversation.unseenPassages().isEmpty();
        boolean blind = false;
        for (Turn turn : Prompts.withTools(conversation)) {
            tokens.add(Objects.requireNonNull(markers.get(turn.role())));
            groups.add(blind ? Example.BLIND : Example.PLAIN);
            int from = tokens.size();
            for (Part part : turn.parts()) {
                boolean passage = part.passage() != Part.NO_PASSAGE;
                int[] ids = ids(part.text());
                for (Hint hint : part.hints()) {
                    int before = ids(part.text().substring(0, hint.at())).length;
                    hints.add(new Known(tokens.size() + before - 1, hint.kind(), single(hint.token())));
                }
                tokens.addAll(ids);
                blind |= hides && !passage && turn.role() == Role.USER && from < tokens.size() - ids.length;
                byte group = conversation.unseenPassages().contains(part.passage())
                        ? Example.UNSEEN
                        : blind ? Example.BLIND : Example.PLAIN;
                for (int i = 0; i < ids.length; i++) {
                    groups.add(group);
                }
            }
            tokens.add(end);
            groups.add(blind ? Example.BLIND : Example.PLAIN);
            if (turn.role() == Role.ASSISTANT) {
                replies.add(new Reply(from, tokens.size()));
            }
        }
        byte[] groupArray = new byte[groups.size()];
        for (int i = 0; i < groupArray.length; i++) {
            groupArray[i] = groups.get(i);
        }
        return new Example(conversation.task(), tokens.toArray(), groupArray, replies, hints);
    }

    private int[] ids(String text) {
        int[] ids = cache.get(text);
        if (ids == null) {
            ids = tokenizer.encode(text, false);
            if (cache.size() < CACHED_TEXTS) {
                cache.put(text, ids);
            }
        }
        return ids;
    }
}
