package dev.kvasir.pool.group;

import java.util.List;

/**
 * How a prompt's segments are shared out: {@code rounds x members} runs of equal length, as far as that goes.
 *
 * @param members numbers of the nodes, ascending, at least two
 * @param first segment that is computed together
 * @param last end of the segments, exclusive; as many as members, or a multiple of that
 * @param rounds at least one
 */
record Shares(List<Integer> members, int first, int last, int rounds) {
    /** More nodes don't make sense with any model that runs here, and numbers from the network have a limit. */
    static final int MOST_MEMBERS = 64;

    private static final int MOST_SEGMENTS = 1 << 20;

    Shares {
        members = List.copyOf(members);
        for (int i = 0; i < members.size(); i++) {
            if (members.get(i) < 1 || (i > 0 && members.get(i) <= members.get(i - 1))) {
                throw new IllegalArgumentException("members out of order: " + members);
            }
        }
        if (members.size() < 2
                || members.size() > MOST_MEMBERS
                || first < 0
                || last > MOST_SEGMENTS
                || rounds < 1
                || last - first < (long) rounds * members.size()) {
            throw new IllegalArgumentException("segments [" + first + ", " + last + ") can't be shared out among "
                    + members.size() + " nodes in " + rounds + " rounds");
        }
    }

    /**
     * Shares segments out, so that each share has {@code most} at most. Leaves a few at the end over, less than there are members, if they don't come out even.
     *
     * @throws IllegalArgumentException if there are fewer segments than members
     */
    static Shares of(List<Integer> members, int first, int last, int most) {
        int each = (last - first) / Math.max(1, members.size()); // segments of a member
        return new Shares(members, first, first + each * members.size(), Math.max(1, (each + most - 1) / most));
    }

    int count() {
        return rounds * members.size();
    }

    /** Returns the first segment of a share, of {@code count()} what is behind the last one. */
    int from(int share) {
        return first + (int) ((long) (last - first) * share / count());
    }

    int to(int share) {
        return from(share + 1);
    }

    int share(int round, int rank) {
        return round * members.size() + rank;
    }

    int roundOf(int share) {
        return share / members.size();
    }

    int rankOf(int share) {
        return share % members.size();
    }

    /** Returns the segments of the longest share. */
    int longest() {
        return (last - first + count() - 1) / count();
    }
}
