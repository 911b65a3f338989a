package dev.kvasir.engine.tools;

import dev.kvasir.engine.tools.ReplyPart.Content;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Calls between tags, with text before and behind them. White space between text and a call, or two calls, is dropped. */
final class TaggedCalls implements ReplyParser.CallSplitter {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";

    private final CallSink sink;
    private final StringBuilder held = new StringBuilder(); // outside of calls
    private @Nullable CallReader reader; // of the call that is open
    private final StringBuilder inside = new StringBuilder(); // all that stands in the open call
    private boolean hasContent;

    TaggedCalls(CallSink sink) {
        this.sink = sink;
    }

    @Override
    public void next(String text, List<ReplyPart> parts) {
        held.append(text);
        while (held.length() > 0) {
            CallReader open = reader;
            if (open == null) {
                int begin = held.indexOf(OPEN);
                if (begin < 0) {
                    content(take(certain()), parts);
                    return;
                }
                content(take(begin).stripTrailing(), parts);
                take(OPEN.length());
                reader = new CallReader(sink);
                inside.setLength(0);
            } else {
                int end = closing(open, parts);
                if (end < 0) {
                    return;
                }
                take(CLOSE.length());
                close(open, CLOSE, parts);
            }
        }
    }

    /** Has the open call take what is before its closing tag; returns whether that is there, by 0 or -1. A tag within a string is none. */
    private int closing(CallReader open, List<ReplyPart> parts) {
        int at = 0;
        while (at < held.length()) {
            String rest = held.substring(at, Math.min(held.length(), at + CLOSE.length()));
            if (!open.isInString() && CLOSE.startsWith(rest)) {
                break; // the tag, or maybe its beginning
            }
            at++;
            open.take(rest.substring(0, 1), 0, parts);
        }
        open.tell(parts);
        inside.append(take(at));
        return held.length() >= CLOSE.length() ? 0 : -1;
    }

    private void close(CallReader open, String closing, List<ReplyPart> parts) {
        reader = null;
        if (!open.isTold() && !sink.tell(inside.toString(), parts)) {
            content(OPEN + inside + closing, parts);
        }
    }

    @Override
    public void finish(List<ReplyPart> parts) {
        CallReader open = reader;
        if (open != null) {
            inside.append(take(held.length()));
            close(open, "", parts); // a model may end without the closing tag
        } else {
            String rest = take(held.length());
            // White space behind a call isn't worth being content.
            content(sink.calls() > 0 ? rest.stripTrailing() : rest, parts);
        }
    }

    private void content(String text, List<ReplyPart> parts) {
        String shown = hasContent || sink.calls() == 0 ? text : text.stripLeading();
        if (!shown.isEmpty()) {
            hasContent |= !shown.isBlank();
            parts.add(new Content(shown));
        }
    }

    /** Returns the length of what can't be part of the opening tag, or white space before it. */
    private int certain() {
        int length = held.length() - beginning(OPEN);
        while (length > 0 && Character.isWhitespace(held.charAt(length - 1))) {
            length--;
        }
        return length;
    }

    private int beginning(String tag) {
        for (int n = Math.min(tag.length() - 1, held.length()); n > 0; n--) {
            if (tag.startsWith(held.substring(held.length() - n))) {
                return n;
            }
        }
        return 0;
    }

    private String take(int length) {
        String text = held.substring(0, length);
        held.delete(0, length);
        return text;
    }
}
