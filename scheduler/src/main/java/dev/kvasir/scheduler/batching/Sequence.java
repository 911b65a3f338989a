package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SharedPrefill;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's state of one generation. Built by the submitting thread, handed over through the inbox, then touched by the
 * step thread alone.
 *
 * <pre>
 * tokens
 *   [0, sealed)            in the prefix tree, pinned: matched there, or computed here and inserted
 *   [sealed, computed)     computed here, in private writing slots; less than a segment between steps
 *   [computed, length)     to be computed: more than one token is a prefill, one is a decode
 *   [computed, computed + scheduled)   by this step
 *   [promptTokens, length) generated and delivered, of a resumed request some of it elsewhere
 * </pre>
 */
final class Sequence {
    /** Where a sequence is in its life. */
    enum State {
        SUBMITTED,
        WAITING,
        RUNNING,
        FINISHED
    }

    private static final int FIRST_GROWTH = 64;

    // What the client asked
    final GenerationRequest request;
    final TokenSink sink;
    final int promptTokens;
    final int limit; // length at which the generation ends: maxTokens, context or pool
    private final SamplingParams beforeMinTokens; // end tokens banned

    // Tokens
    int[] tokens; // (length) used, the rest is room
    int length;
    int computed;
    int scheduled;
    final SegmentTable table;

    // Place in line
    State state = State.SUBMITTED;
    long arrival; // order in which the step thread took it from the inbox

    @Nullable
    Sequence awaited; // the running sequence that computes a prefix which this one shares

    int awaitedTokens; // how much of it

    @Nullable
    Move prefetch; // what lower tiers have of it, on its way; null: not looked for yet

    @Nullable
    PrefetchHistory prefetchHistory; // null before the first look

    @Nullable
    SharedPrefill together; // what several nodes compute of it, or have computed and is pinned for it

    boolean nodesChosen; // it was decided how many nodes compute it
    int groupNodes;
    long groupNanos; // when they began
    boolean groupTold; // and what became of that

    // What was told to the sink
    boolean prefilled;
    private final List<TokenLogprobs> promptLogprobs = new ArrayList<>();

    // Numbers
    CachedTokens cachedTokens = CachedTokens.NONE;
    boolean admittedBefore;
    private int preemptions;
    private long scheduledNanos;
    private long firstTokenNanos;

    Sequence(GenerationRequest request, TokenSink sink, int longest, int segmentTokens) {
        this.request = request;
        this.sink = sink;
        tokens = request.prompt();
        promptTokens = request.promptTokens();
        length = tokens.length;
        limit = (int) Math.min((long) promptTokens + request.maxTokens(), longest);
        beforeMinTokens = request.minTokens() == 0 || request.endTokens().length == 0
                ? request.sampling()
                : request.sampling().withBanned(request.endTokens());
        table = new SegmentTable(segmentTokens);
    }

    /** Returns the number of whose cache it uses. */
    long tenant() {
        return SegmentIdentity.tenant(request.cacheRoot());
    }

    int generated() {
        return length - promptTokens;
    }

    /** Returns how many known tokens have no keys and values yet. */
    int remaining() {
        return length - computed;
    }

    /** Returns whether the prompt's log-probabilities are still owed, which a matched prefix doesn't have. */
    boolean owesPromptLogprobs() {
        return request.promptLogprobs() >= 0 && !prefilled;
    }

    /** Returns how many segments it will hold after {@code ahead} more tokens, if it lives so long. */
    int segmentsAhead(int ahead) {
        // The last token of a generation is delivered and never computed.
        return table.segmentsFor(Math.min(length + ahead, limit - 1));
    }

    /** Returns this step's row. It samples when the step reaches the end of the known tokens. */
    StepRow row() {
        int to = computed + scheduled;
        SamplingParams sample =
                to < length ? null : generated() < request.minTokens() ? beforeMinTokens : request.sampling();
        int logprobs = prefilled ? -1 : request.promptLogprobs();
        return new StepRow(tokens, computed, to, table.slots(), sample, logprobs, promptTokens);
    }

    /** The step has computed this sequence's row: full segments become visible to others. */
    void onComputed(MemPool pool, List<TokenLogprobs> rowPromptLogprobs) {
        computed += scheduled;
        scheduled = 0;
        promptLogprobs.addAll(rowPromptLogprobs);
        table.seal(pool, tokens, computed);
    }

    /** Gives all slots back and waits again; the tokens stay. */
    void onPreempted(MemPool pool) {
        leaveBatch(pool, State.WAITING);
        promptLogprobs.clear(); // those told already are told; the others are computed again from the first
        preemptions++;
    }

    void onFinished(MemPool pool) {
        leaveBatch(pool, State.FINISHED);
    }

    private void leaveBatch(MemPool pool, State next) {
        table.close(pool);
        computed = 0;
        scheduled = 0;
        awaited = null;
        state = next;
    }

    List<TokenLogprobs> takePromptLogprobs() {
        List<TokenLogprobs> taken = List.copyOf(promptLogprobs);
        promptLogprobs.clear();
        return taken;
    }

    void append(int token, long nowNanos) {
        if (length == tokens.length) {
            int room = Math.max(length / 2, FIRST_GROWTH);
            tokens = Arrays.copyOf(tokens, (int) Math.min((long) length + room, limit));
        }
        tokens[length++] = token;
        if (generated() == request.generated() + 1) {
            firstTokenNanos = nowNanos;
        }
    }

    boolean isEndToken(int token) {
        for (int end : request.endTokens()) {
            if (end == token) {
                return true;
            }
        }
        return false;
    }

    void onAdmitted(long nowNanos, CachedTokens cached) {
        admittedBefore = true;
        scheduledNanos = nowNanos;
        cachedTokens = cached;
    }

    RequestStats stats(long nowNanos) {
        return new RequestStats(
                promptTokens,
                cachedTokens,
                generated(),
                preemptions,
                request.arrivalNanos(),
                scheduledNanos,
                firstTokenNanos,
                nowNanos);
    }

    /** Checks the ranges of the class comment, as they are between steps. */
    void check() {
        table.check();
        boolean holds = table.isOpen();
        if (holds != (state == State.RUNNING)) {
            throw new IllegalStateException(describe() + (holds ? " holds slots" : " holds none"));
        }
        int open = computed - table.sealedTokens();
        if (scheduled != 0 || length > limit || computed < 0 || computed >= length) {
            throw new IllegalStateException(describe() + " is out of its ranges");
        }
        if (holds && (open < 0 || table.segmentsFor(computed) > table.size())) {
            throw new IllegalStateException(
                    describe() + " has " + table.sealedTokens() + " sealed tokens and " + table.size() + " segments");
        }
        if (holds && table.segmentsFor(computed + 1) > table.sealedSegments() + 1) {
            throw new IllegalStateException(describe() + " has a full segment that isn't sealed");
        }
        if (!holds && computed != 0) {
            throw new IllegalStateException(describe() + " has computed tokens and no slots");
        }
    }

    String describe() {
        return "sequence " + request.id() + " (" + state + ", scheduled " + scheduled + ", computed " + computed
                + ", length " + length + ", limit " + limit + ")";
    }
}
