package dev.kvasir.engine.tools;

import dev.kvasir.engine.tools.ReplyPart.Content;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Replies that are JSON of calls and nothing else. As soon as one is anything else, all of it is content. */
final class BareCalls implements ReplyParser.CallSplitter {
    private final CallSink sink;
    private final String tag; // may stand before
    private final StringBuilder held = new StringBuilder(); // not yet told as a call
    private @Nullable CallReader reader;
    private boolean isContent;

    BareCalls(CallSink sink, String tag) {
        this.sink = sink;
        this.tag = tag;
    }

    @Override
    public void next(String text, List<ReplyPart> parts) {
        if (isContent) {
            parts.add(new Content(text));
            return;
        }
        int from = 0;
        while (from < text.length()) {
            CallReader open = reader;
            if (open == null) {
                char c = text.charAt(from);
                if (c == '{' || c == '[') {
                    reader = new CallReader(sink);
                    continue;
                }
                held.append(c);
                from++;
                if (!isBetween()) {
                    giveUp(text.substring(from), parts);
                    return;
                }
            } else {
                int to = open.take(text, from, parts);
                open.tell(parts);
                held.append(text, from, to);
                from = to;
                if (open.isDone()) {
                    if (!open.isTold() && !sink.tell(open.text(), parts)) {
                        giveUp(text.substring(from), parts);
                        return;
                    }
                    held.setLength(0);
                    reader = null;
                }
            }
        }
    }

    /** Returns whether what is held may stand before a call: white space, what separates calls, or the tag. */
    private boolean isBetween() {
        String text = held.toString().strip();
        if (sink.calls() > 0) {
            return text.isEmpty() || text.equals(";") || text.equals(",");
        }
        return tag.startsWith(text);
    }

    private void giveUp(String rest, List<ReplyPart> parts) {
        isContent = true;
        reader = null;
        String text = held + rest;
        held.setLength(0);
        if (!text.isEmpty()) {
            parts.add(new Content(text));
        }
    }

    @Override
    public void finish(List<ReplyPart> parts) {
        CallReader open = reader;
        boolean isDone = open == null || open.isTold();
        if (!isContent && !(isDone && (sink.calls() > 0 || held.isEmpty()))) {
            giveUp("", parts);
        }
    }
}
