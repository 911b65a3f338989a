package dev.kvasir.engine.tools;

import java.util.List;

/** Splits a thought off the beginning of a reply. Line breaks around the thought belong to neither side. */
final class ThinkSplitter {
    private static final String OPEN = "<think>";
    private static final String CLOSE = "</think>";

    private enum State {
        /** Maybe the tag comes, maybe not. */
        BEFORE,
        INSIDE,
        /** Behind it: line breaks are dropped. */
        BEHIND,
        OVER
    }

    private State state;
    private final StringBuilder held = new StringBuilder();
    private boolean told; // something of the thought

    ThinkSplitter(boolean reasons, boolean thinks) {
        state = !reasons ? State.OVER : thinks ? State.INSIDE : State.BEFORE;
    }

    /** Returns what belongs to the reply behind the thought. */
    String next(String text, List<ReplyPart> parts) {
        if (state == State.OVER) {
            return text;
        }
        held.append(text);
        if (state == State.BEFORE) {
            String begin = held.toString().stripLeading();
            if (begin.length() < OPEN.length() && OPEN.startsWith(begin)) {
                return "";
            }
            if (!begin.startsWith(OPEN)) {
                state = State.OVER;
                return take(held.length());
            }
            held.delete(0, held.indexOf(OPEN) + OPEN.length());
            state = State.INSIDE;
        }
        if (state == State.INSIDE) {
            int end = held.indexOf(CLOSE);
            if (end < 0) {
                think(take(certain()), parts);
                return "";
            }
            think(take(end).stripTrailing(), parts);
            held.delete(0, CLOSE.length());
            state = State.BEHIND;
        }
        int first = 0;
        while (first < held.length() && held.charAt(first) == '\n') {
            first++;
        }
        held.delete(0, first);
        if (held.length() > 0) {
            state = State.OVER;
        }
        return take(held.length());
    }

    /** Returns what was held back of the reply; a thought that wasn't closed is one all the same. */
    String finish(List<ReplyPart> parts) {
        String rest = take(held.length());
        if (state == State.INSIDE) {
            think(rest.stripTrailing(), parts);
            return "";
        }
        return state == State.BEHIND ? "" : rest;
    }

    private void think(String text, List<ReplyPart> parts) {
        String thought = told ? text : text.stripLeading();
        if (!thought.isEmpty()) {
            told = true;
            parts.add(new ReplyPart.Reasoning(thought));
        }
    }

    /** Returns the length of what can't be part of the closing tag, or white space before it. */
    private int certain() {
        int length = held.length();
        for (int n = Math.min(CLOSE.length() - 1, length); n > 0; n--) {
            if (CLOSE.startsWith(held.substring(length - n))) {
                length -= n;
                break;
            }
        }
        while (length > 0 && Character.isWhitespace(held.charAt(length - 1))) {
            length--;
        }
        return length;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }
}
