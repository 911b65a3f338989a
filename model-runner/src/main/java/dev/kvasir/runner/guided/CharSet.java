package dev.kvasir.runner.guided;

import java.util.BitSet;

/** Sets of code points as ascending pairs of first and last. Surrogates are no characters and in no set. */
final class CharSet {
    static final int[] DIGITS = {'0', '9'};
    static final int[] WORD = {'0', '9', 'A', 'Z', '_', '_', 'a', 'z'};
    /** What every dialect calls white space; and, negated, what none does. */
    static final int[] SPACE = {'\t', '\r', ' ', ' '};

    private static final int[] ANY_SPACE = {
        '\t', '\r', ' ', ' ', 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f,
        0x205f, 0x205f, 0x3000, 0x3000, 0xfeff, 0xfeff
    };

    private static final int[] LINE_ENDS = {'\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029};
    private static final int TOP = Character.MAX_CODE_POINT;

    private CharSet() {}

    static int[] any() {
        return negate(new int[0]);
    }

    /** Returns what a dot matches in every dialect. */
    static int[] dot() {
        return negate(LINE_ENDS);
    }

    static int[] notSpace() {
        return negate(ANY_SPACE);
    }

    /** Returns all characters that aren't in a set. */
    static int[] negate(int[] ranges) {
        BitSet set = new BitSet(TOP + 1);
        set.set(0, TOP + 1);
        set.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        for (int i = 0; i < ranges.length; i += 2) {
            set.clear(ranges[i], ranges[i + 1] + 1);
        }
        return ranges(set);
    }

    /** Returns the set as ascending pairs, without surrogates. */
    static int[] ranges(BitSet set) {
        set.clear(Character.MIN_SURROGATE, Character.MAX_SURROGATE + 1);
        int[] ranges = new int[16];
        int count = 0;
        for (int first = set.nextSetBit(0); first >= 0; first = set.nextSetBit(ranges[count - 1] + 1)) {
            if (count == ranges.length) {
                ranges = java.util.Arrays.copyOf(ranges, 2 * count);
            }
            ranges[count++] = first;
            ranges[count++] = set.nextClearBit(first) - 1;
        }
        return java.util.Arrays.copyOf(ranges, count);
    }

    static void add(BitSet set, int[] ranges) {
        for (int i = 0; i < ranges.length; i += 2) {
            set.set(ranges[i], ranges[i + 1] + 1);
        }
    }
}
