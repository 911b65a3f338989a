package dev.kvasir.engine.tools;

import dev.kvasir.engine.tools.ReplyPart.Content;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Mistral's calls: a tag, and behind it either an array of calls or a name and its arguments, for each call a tag of its own. */
final class MistralCalls implements ReplyParser.CallSplitter {
    private static final String TAG = "[TOOL_CALLS]";
    private static final Pattern NAMED =
            Pattern.compile("\\s*([A-Za-z0-9_-]{1,64})(?:\\[ARGS]|\\s)*(\\{.*)", Pattern.DOTALL);

    private final CallSink sink;
    private final StringBuilder held = new StringBuilder();
    private boolean inCalls;
    private boolean isArray; // of calls that are told as they come
    private @Nullable CallReader reader;
    private boolean isContent;

    MistralCalls(CallSink sink) {
        this.sink = sink;
    }

    @Override
    public void next(String text, List<ReplyPart> parts) {
        held.append(text);
        if (isContent) {
            parts.add(new Content(take(held.length())));
            return;
        }
        if (!inCalls) {
            int begin = held.indexOf(TAG);
            if (begin < 0) {
                content(take(certain()), parts);
                return;
            }
            content(take(begin).stripTrailing(), parts);
            take(TAG.length());
            inCalls = true;
        }
        if (sink.isGuided()) {
            readArray(parts);
        }
    }

    /** Reads the array of a guided reply, call by call. */
    private void readArray(List<ReplyPart> parts) {
        String text = held.toString();
        int from = 0;
        while (from < text.length()) {
            CallReader open = reader;
            char c = text.charAt(from);
            if (open != null) {
                from = open.take(text, from, parts);
                open.tell(parts);
                if (open.isDone()) {
                    reader = null;
                }
            } else if (!isArray) {
                if (c == '[') {
                    isArray = true;
                } else if (!Character.isWhitespace(c)) {
                    return; // some other form, which is read when it is whole
                }
                from++;
            } else if (c == '{') {
                reader = new CallReader(sink);
            } else {
                from++;
            }
        }
        if (isArray) {
            held.setLength(0);
        }
    }

    @Override
    public void finish(List<ReplyPart> parts) {
        String rest = take(held.length());
        if (!inCalls) {
            content(rest, parts);
        } else if (!isArray && !tell(rest, parts)) {
            isContent = true;
            parts.add(new Content(TAG + rest));
        }
    }

    private boolean tell(String text, List<ReplyPart> parts) {
        if (sink.tell(text.strip(), parts)) {
            return true;
        }
        boolean all = true;
        for (String call : text.split(Pattern.quote(TAG), -1)) {
            Matcher named = NAMED.matcher(call);
            all &= named.matches()
                    && sink.tell(
                            named.group(1), new CallSink.JsonText(named.group(2).strip()), parts);
        }
        return all;
    }

    private static void content(String text, List<ReplyPart> parts) {
        if (!text.isEmpty()) {
            parts.add(new Content(text));
        }
    }

    private int certain() {
        int length = held.length();
        for (int n = Math.min(TAG.length() - 1, length); n > 0; n--) {
            if (TAG.startsWith(held.substring(length - n))) {
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
