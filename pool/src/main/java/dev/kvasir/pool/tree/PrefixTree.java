package dev.kvasir.pool.tree;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PrefixReport;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierSurvey;
import dev.kvasir.pool.eviction.Evictable;
import dev.kvasir.pool.eviction.EvictionPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A radix tree over token runs whose unpinned leaves can be evicted. It knows where segments lie, not what is there: slots go
 * in with {@link #insert} and come out of {@link #evict} and {@link #delete}. Not thread-safe.
 */
public final class PrefixTree {
    /*
     * A radix tree in which the letters are segments: a run holds the segments between two branches, and its children are
     * hashed by the tokens of their first segment. SGLang's RadixAttention [1] has this shape at the grain of a token,
     * MemServe [2] indexes a distributed pool by one; PagedAttention as in vLLM [3] hashes each block with its prefix instead.
     *
     * Why not a hash per block: a match would compute a digest for every segment before it knows whether the first one is
     * there. Here a match reads each token once or twice with Arrays.mismatch, which is vectorised, and computes no digest;
     * SHA-256 is paid once per segment, by insert. And comparing tokens themselves leaves nothing to collide.
     *
     * n = tokens of a match, d = runs on its path, r = evictable leaves:
     *
     *   match, insert    O(n + d + log r), plus one SHA-256 per new segment; at most one split, which copies one run
     *   release          O(d + log r)
     *   evict            O(log r) per segment
     *   delete           O(subtree)
     *
     * Pins. Every run counts the paths that go through it, so that pins = paths ending here + pins of the children: an unpinned
     * run has no pinned run below it. Hence every unpinned segment can be evicted, leaves first, and how much an
     * allocation can get is a subtraction (segments - pinned) and not a search.
     *
     * Ends. A path ends where a run ends: match splits the run in which it ends. The lower half keeps the run's object, its
     * children and the paths which end there; the upper half is new and has the same pins. So no path notices a split.
     *
     * Recency. A use stamps the whole path with the next number. A parent is therefore never older than its child, and two
     * leaves never have the same stamp, as the runs of one path lie below one another. "Leaves first" costs LRU
     * nothing: the least recently used segment of all is at the end of some leaf. A release counts as a use, since what a
     * long generation has read up to now is not old. An insertion counts as one for each segment: policies measure age in
     * uses, and a prompt that comes in many chunks mustn't make others older than one that comes as a whole.
     *
     * Runs are split and never joined again: at worst every run is one segment, and then a match costs a hash per segment.
     *
     * [1] Zheng et al., "SGLang: Efficient Execution of Structured Language Model Programs", arXiv 2312.07104
     * [2] Hu et al., "MemServe: Context Caching for Disaggregated LLM Serving with Elastic Memory Pool", arXiv 2406.17565
     * [3] Kwon et al., "Efficient Memory Management for Large Language Model Serving with PagedAttention", arXiv 2309.06180
     */

    private final int segmentTokens;
    private final EvictionPolicy policy;
    private final Map<SegmentId, Run> roots = new HashMap<>();
    private final Set<PinnedPath> paths = new HashSet<>(); // alive, for the audit

    private long uses; // the stamp of the last use
    private int segments;
    private int pinned;

    /** Creates an empty tree; {@code policy} is its own from now on. */
    public PrefixTree(int segmentTokens, EvictionPolicy policy) {
        if (segmentTokens < 1) {
            throw new IllegalArgumentException("a segment has at least one token, not " + segmentTokens);
        }
        this.segmentTokens = segmentTokens;
        this.policy = policy;
    }

    /** Returns how many segments it holds. */
    public int segments() {
        return segments;
    }

    /** Returns how many of them at least one path pins. */
    public int pinned() {
        return pinned;
    }

    /**
     * Finds and pins the longest path that holds {@code tokens[0, n)}, n at most {@code maxSegments} segments; it is to be
     * released even when it is empty.
     */
    public PinnedPath match(SegmentId root, int[] tokens, int maxSegments) {
        return pin(root, tokens, maxSegments, 1);
    }

    /** Like {@link #match}, but doesn't count as a hit. */
    public PinnedPath pin(SegmentId root, int[] tokens, int maxSegments) {
        return pin(root, tokens, maxSegments, 0);
    }

    private PinnedPath pin(SegmentId root, int[] tokens, int maxSegments, int hits) {
        Run end = roots.computeIfAbsent(root, id -> Run.root(id, segmentTokens));
        int matched = 0;
        while (matched < maxSegments) {
            Run child = end.child(tokens, matched * segmentTokens);
            if (child == null) {
                break;
            }
            int common = child.common(tokens, matched * segmentTokens, maxSegments - matched);
            end = common < child.segments() ? child.splitAt(common) : child;
            matched += common;
        }
        uses++;
        for (Run run = end; run != null; run = run.parent()) {
            pin(run);
            run.lastUse = uses;
            run.hits += hits;
        }
        return remember(end, 0, matched, new SegmentId[matched], new SlotAddress[matched], maxSegments);
    }

    /** Returns how many segments {@link #match} would pin; changes nothing. */
    public int matched(SegmentId root, int[] tokens, int maxSegments) {
        Run end = roots.get(root);
        int matched = 0;
        while (end != null && matched < maxSegments) {
            Run child = end.child(tokens, matched * segmentTokens);
            if (child == null) {
                break;
            }
            int common = child.common(tokens, matched * segmentTokens, maxSegments - matched);
            matched += common;
            end = common < child.segments() ? null : child;
        }
        return matched;
    }

    /**
     * Grows a path by segments at {@code addresses}, which hold {@code tokens[path.tokens() ..]}. Where the tree has such a
     * segment already, the path takes that one.
     *
     * @param prefix dead afterwards
     * @param tokens the tokens of the whole path, from its beginning
     * @param duplicate told of each address that was not needed
     * @throws IllegalArgumentException if tokens are too few or not those of the path, or the path is another tree's
     * @throws IllegalStateException if the path is dead; as with the above, nothing is changed then
     */
    public PinnedPath insert(
            PinnedPrefix prefix, int[] tokens, List<SlotAddress> addresses, Consumer<SlotAddress> duplicate) {
        PinnedPath path = own(prefix);
        int before = path.segments();
        int after = before + addresses.size();
        checkTokens(path, tokens, after);

        // [0, before)      the path so far
        // [before, known)  in the tree already: pinned too, the caller's slots are duplicates
        // [known, after)   new
        Run end = path.end();
        int known = before;
        while (known < after) {
            Run child = end.child(tokens, known * segmentTokens);
            if (child == null) {
                break;
            }
            int common = child.common(tokens, known * segmentTokens, after - known);
            end = common < child.segments() ? child.splitAt(common) : child;
            pin(end);
            for (int i = known; i < known + common; i++) {
                duplicate.accept(addresses.get(i - before));
            }
            known += common;
        }
        if (known < after) {
            end = grow(end, tokens, known, addresses.subList(known - before, after - before));
        }
        uses += Math.max(1, after - before);
        for (Run run = end; run != null; run = run.parent()) {
            run.lastUse = uses;
        }
        path.kill("handed to insert");
        paths.remove(path);
        return grownPath(path, end, before, after);
    }

    /**
     * Unpins a path.
     *
     * @throws IllegalStateException if it is dead
     */
    public void release(PinnedPrefix prefix) {
        unpin(own(prefix));
    }

    /**
     * Unpins a path as if it had not been found.
     *
     * @return how many segments were asked for when it was
     * @throws IllegalStateException if it is dead or was grown
     */
    public int giveUp(PinnedPrefix prefix) {
        PinnedPath path = own(prefix);
        int asked = path.asked();
        for (Run run = path.end(); run != null; run = run.parent()) {
            run.hits--; // while it is pinned: the policy may sort by it
        }
        unpin(path);
        return asked;
    }

    private void unpin(PinnedPath path) {
        path.kill("released");
        paths.remove(path);
        uses++;
        for (Run run = path.end(); run != null; run = run.parent()) {
            run.lastUse = uses;
            if (--run.pins == 0) {
                countPinned(run, -run.segments());
                settle(run);
            }
        }
    }

    /**
     * A segment of the tree, or one that has just left it.
     *
     * @param header what it is
     * @param address where it lay
     * @param hits how often a match found it
     */
    public record Held(SegmentHeader header, SlotAddress address, int hits) {}

    /** Drops the last segment of the leaf that the policy names; empty if all are pinned. */
    public Optional<Held> evict() {
        return policy.victim().map(this::trim);
    }

    /** Like {@link #evict}, but drops one of a tenant's own. */
    public Optional<Held> evictOf(long tenant) {
        return policy.victimOf(tenant).map(this::trim);
    }

    private Held trim(Evictable victim) {
        Run run = (Run) victim;
        if (!run.evictable) {
            throw new IllegalStateException("the policy named a run that has " + run.pins + " pins and "
                    + run.children().size() + " children");
        }
        Held evicted = new Held(run.header(run.segments() - 1), run.address(run.segments() - 1), run.hits);
        run.removeLast();
        segments--;
        if (run.segments() == 0) {
            remove(run);
        }
        return evicted;
    }

    /**
     * Drops the segment that holds the first {@code segmentTokens} tokens and all below it that are not pinned. Afterwards
     * no unpinned segment covers any of {@code tokens}.
     *
     * @param gone told of each segment
     */
    public void delete(SegmentId root, int[] tokens, Consumer<Held> gone) {
        List<Run> subtree = below(root, tokens);
        Collections.reverse(subtree); // children before parents
        for (Run run : subtree) {
            if (run.pins == 0) {
                while (run.segments() > 0) {
                    int last = run.segments() - 1;
                    Held held = new Held(run.header(last), run.address(last), run.hits);
                    run.removeLast();
                    segments--;
                    gone.accept(held);
                }
                remove(run);
            }
        }
    }

    /** Tells of each segment that {@link #delete} would drop, and of those that are pinned, parents before children. */
    public void forEachBelow(SegmentId root, int[] tokens, Consumer<SegmentId> each) {
        for (Run run : below(root, tokens)) {
            for (int i = 0; i < run.segments(); i++) {
                each.accept(run.header(i).id());
            }
        }
    }

    private List<Run> below(SegmentId root, int[] tokens) {
        Run top = roots.get(root);
        Run first = top == null || tokens.length < segmentTokens ? null : top.child(tokens, 0);
        return first == null ? new ArrayList<>() : subtree(first);
    }

    /**
     * Recomputes everything from the segments and the paths that are alive.
     *
     * @param held told of each segment's address
     * @throws IllegalStateException saying what is wrong
     */
    public void checkInvariants(Consumer<SlotAddress> held) {
        new TreeAudit(segmentTokens, roots, paths, policy).check(segments, pinned, held);
    }

    /** Tells of every segment, parents before their children. */
    public void forEach(Consumer<Held> each) {
        for (Run root : roots.values()) {
            for (Run run : subtree(root)) {
                for (int i = 0; i < run.segments(); i++) {
                    each.accept(new Held(run.header(i), run.address(i), run.hits));
                }
            }
        }
    }

    /** Notes every segment. O(segments), no copy of tokens. */
    public void survey(TierSurvey into) {
        for (Run root : roots.values()) {
            for (Run run : subtree(root)) {
                for (int i = 0; i < run.segments(); i++) {
                    into.put(run.address(i).slot(), run.id(i), run.before(i), run.hits, run.lastUse, run.pins > 0);
                }
            }
        }
    }

    /** Returns the tokens of a segment, empty if there is none. O(segments). */
    public Optional<int[]> tokens(SegmentId id) {
        for (Run root : roots.values()) {
            for (Run run : subtree(root)) {
                for (int i = 0; i < run.segments(); i++) {
                    if (run.id(i).equals(id)) {
                        return Optional.of(
                                Arrays.copyOfRange(run.tokens(), i * segmentTokens, (i + 1) * segmentTokens));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** Returns the {@code count} prefixes found most often, those first, without their content. O(runs). */
    public List<PrefixReport> topPrefixes(int count) {
        return new TreeSurvey(segmentTokens, roots).topPrefixes(count);
    }

    /** Returns how many segments each root has in each tier. O(segments). */
    public Map<SegmentId, Map<Tier, Integer>> segmentsByRoot() {
        return new TreeSurvey(segmentTokens, roots).segmentsByRoot();
    }

    /** Returns a run and all below it, parents before children. */
    static List<Run> subtree(Run top) {
        List<Run> runs = new ArrayList<>(); // grows while it is read: a tree may be as deep as it has segments
        runs.add(top);
        for (int i = 0; i < runs.size(); i++) {
            runs.addAll(runs.get(i).children());
        }
        return runs;
    }

    /** Returns how many roots it keeps: those with segments or readers. */
    int roots() {
        return roots.size();
    }

    /** Puts new segments behind {@code end}, in it if nobody else could tell the difference. */
    private Run grow(Run end, int[] tokens, int known, List<SlotAddress> addresses) {
        SegmentId[] ids = new SegmentId[addresses.size()];
        SegmentId id = end.lastId();
        for (int i = 0; i < ids.length; i++) {
            int from = (known + i) * segmentTokens;
            id = SegmentIdentity.next(id, tokens, from, from + segmentTokens);
            ids[i] = id;
        }
        SlotAddress[] slots = addresses.toArray(new SlotAddress[0]);
        segments += ids.length;
        if (end.isLeaf() && !end.isRoot() && end.pins == 1) {
            end.append(tokens, known * segmentTokens, ids, slots);
            countPinned(end, ids.length);
            return end;
        }
        Run child = end.addChild(tokens, known * segmentTokens, ids, slots);
        pin(child);
        return child;
    }

    private void pin(Run run) {
        if (run.pins++ == 0) {
            countPinned(run, run.segments());
            settle(run); // before its stamp changes: the policy sorts by it
        }
    }

    private void countPinned(Run run, int change) {
        pinned += change;
        policy.onInUse(run.tenant(), change);
    }

    /** Tells the policy whether a run can be evicted, and drops a root that nobody needs. */
    private void settle(Run run) {
        boolean evictable = run.pins == 0 && run.isLeaf() && !run.isRoot();
        if (evictable && !run.evictable) {
            policy.add(run);
        } else if (!evictable && run.evictable) {
            policy.remove(run);
        }
        run.evictable = evictable;
        if (run.pins == 0 && run.isLeaf() && run.isRoot()) {
            roots.remove(run.root());
        }
    }

    /** Takes a childless, unpinned, emptied run out of the tree. */
    private void remove(Run run) {
        policy.remove(run);
        run.evictable = false;
        Run parent = run.parent();
        if (parent != null) {
            parent.detach(run.key());
            settle(parent);
        }
    }

    private PinnedPath own(PinnedPrefix prefix) {
        if (!(prefix instanceof PinnedPath path) || path.tree() != this) {
            throw new IllegalArgumentException("the prefix is not one of this pool: " + prefix);
        }
        path.checkAlive();
        return path;
    }

    private void checkTokens(PinnedPath path, int[] tokens, int after) {
        if (tokens.length < (long) after * segmentTokens) {
            throw new IllegalArgumentException(after + " segments of " + segmentTokens + " tokens need "
                    + (long) after * segmentTokens + " tokens, not " + tokens.length);
        }
        int end = path.tokens();
        for (Run run = path.end(); run != null; run = run.parent()) {
            int from = end - run.segments() * segmentTokens;
            int mismatch = Arrays.mismatch(run.tokens(), 0, end - from, tokens, from, end);
            if (mismatch >= 0) {
                throw new IllegalArgumentException("token " + (from + mismatch) + " is " + tokens[from + mismatch]
                        + ", but the prefix of " + path.tokens() + " tokens has " + run.tokens()[mismatch]);
            }
            end = from;
        }
    }

    private PinnedPath grownPath(PinnedPath old, Run end, int before, int after) {
        return remember(end, before, after, old.idsFor(after), old.addressesFor(after), PinnedPath.GROWN);
    }

    /** Makes a path of {@code count} segments; the first {@code have} are in its arrays. */
    private PinnedPath remember(Run end, int have, int count, SegmentId[] ids, SlotAddress[] addresses, int asked) {
        int filled = count;
        for (Run run = end; run != null && filled > have; run = run.parent()) {
            run.copyTo(ids, addresses, filled);
            filled -= run.segments();
        }
        PinnedPath path = new PinnedPath(this, end, segmentTokens, count, ids, addresses, asked);
        paths.add(path);
        return path;
    }
}
