package dev.kvasir.engine.tools;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the JSON of one call or of an array, character by character, to its last brace. Of a guided call the arguments are told as they come.
 *
 * <pre>
 * {"name": "x", "arguments": {"a": 1}}
 *                            [      )    told piece by piece
 * </pre>
 */
final class CallReader {
    private static final Pattern HEAD = Pattern.compile(
            "\\s*\\{\\s*\"name\"\\s*:\\s*\"([A-Za-z0-9_-]{1,64})\"\\s*,\\s*\"(?:arguments|parameters)\"\\s*:\\s*(?=\\{)");
    private static final int LONGEST_HEAD = 256;

    private final CallSink sink;
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean isDone;
    private int index = -1; // of the call that is told as it comes
    private int told; // characters of the text up to here
    private int argumentsEnd = -1;

    CallReader(CallSink sink) {
        this.sink = sink;
    }

    /** Takes characters from {@code from} on, and returns behind the last that it took. What it may tell of the arguments is told by {@link #tell}. */
    int take(String piece, int from, List<ReplyPart> parts) {
        int i = from;
        while (i < piece.length() && !isDone) {
            take(piece.charAt(i++));
            if (sink.isGuided() && index < 0 && depth == 2 && text.length() < LONGEST_HEAD) {
                begin(parts);
            }
        }
        return i;
    }

    private void take(char c) {
        text.append(c);
        if (escaped) {
            escaped = false;
        } else if (inString) {
            escaped = c == '\\';
            inString = c != '"';
        } else if (c == '"') {
            inString = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
            isDone = depth <= 0;
            if (depth == 1 && index >= 0 && argumentsEnd < 0) {
                argumentsEnd = text.length();
            }
        }
    }

    private void begin(List<ReplyPart> parts) {
        Matcher head = HEAD.matcher(text);
        if (head.lookingAt()) {
            index = sink.begin(head.group(1), parts);
            told = head.end();
        }
    }

    /** Tells what came of the arguments of a guided call. */
    void tell(List<ReplyPart> parts) {
        int end = argumentsEnd < 0 ? text.length() : argumentsEnd;
        if (index >= 0 && end > told) {
            parts.add(new ReplyPart.Arguments(index, text.substring(told, end)));
            told = end;
        }
    }

    /** Returns whether what comes next is part of a string. */
    boolean isInString() {
        return inString;
    }

    /** Returns whether the last brace is there. */
    boolean isDone() {
        return isDone;
    }

    /** Returns whether the call was told, or a part of it. */
    boolean isTold() {
        return index >= 0;
    }

    /** Returns all that was taken. */
    String text() {
        return text.toString();
    }
}
