package dev.kvasir.pool.directory;

import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Connects the directories of one process. What one says is there for all others at their next poll, whole and in order; with one caller after the
 * other the same calls always give the same views. Thread-safe.
 */
public final class DirectoryHub {
    /** What a node has said and not taken back. */
    private static final class Member {
        final LocalDirectory directory;
        final Map<SegmentId, Boolean> held = new HashMap<>();
        NodeStatus status;

        Member(LocalDirectory directory) {
            this.directory = directory;
            status = new NodeStatus(directory.self(), 0, 0, 0, 0, 0, false, false);
        }
    }

    private final Map<Integer, Member> members = new TreeMap<>();
    private int lastNumber;

    /** Adds a node, under a number that no other has had. It learns at its first poll who is there and who holds what. */
    public synchronized LocalDirectory join() {
        Member joined = new Member(new LocalDirectory(this, ++lastNumber));
        members.forEach((number, other) -> {
            joined.directory.hear(new News.Joined(other.status));
            other.held.forEach((id, replica) ->
                    joined.directory.hear(new News.Said(number, id, Optional.of(new Holding(number, replica)))));
        });
        toAll(other -> other.hear(new News.Joined(joined.status)));
        members.put(lastNumber, joined);
        return joined.directory;
    }

    /** Removes a node, as if its process had ended: the others hear of it at their next poll, and nobody hears of it again. */
    public synchronized void leave(LocalDirectory directory) {
        if (members.remove(directory.self()) != null) {
            toAll(other -> other.hear(new News.Left(directory.self())));
        }
    }

    /** Passes on that a node holds a segment, or with an empty holding that it no longer does. */
    synchronized void say(int node, SegmentId id, Optional<Holding> holding) {
        Member member = members.get(node);
        if (member == null) {
            return;
        }
        Boolean after = holding.map(Holding::replica).orElse(null);
        Boolean before = after == null ? member.held.remove(id) : member.held.put(id, after);
        if (before == null ? after != null : !before.equals(after)) {
            toOthers(node, other -> other.hear(new News.Said(node, id, holding)));
        }
    }

    /** Passes on how a node is. */
    synchronized void report(NodeStatus status) {
        Member member = members.get(status.node());
        if (member != null && !member.status.equals(status)) {
            member.status = status;
            toOthers(status.node(), other -> other.hear(new News.Reported(status)));
        }
    }

    private void toAll(Consumer<LocalDirectory> say) {
        members.values().forEach(member -> say.accept(member.directory));
    }

    private void toOthers(int node, Consumer<LocalDirectory> say) {
        members.forEach((number, member) -> {
            if (number != node) {
                say.accept(member.directory);
            }
        });
    }
}
