package dev.kvasir.engine.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Takes one reply, piece by piece, and tells content, reasoning and calls apart. How it was cut into pieces makes no difference to what comes out in all. */
public final class ReplyParser {
    private final ThinkSplitter thinking;
    private final CallSplitter calls;

    private ReplyParser(ThinkSplitter thinking, CallSplitter calls) {
        this.thinking = thinking;
        this.calls = calls;
    }

    /**
     * Creates a parser.
     *
     * @param reasons whether the reply may think
     * @param thinks whether it begins with a thought, whose tag stands in the prompt
     * @param isGuided whether calls are sure to be whole, and so may be told before they are
     * @param newId makes ids of calls
     */
    public static ReplyParser of(
            ToolFormat format, ToolUse use, boolean reasons, boolean thinks, boolean isGuided, Supplier<String> newId) {
        CallSplitter calls;
        if (!use.mayCall()) {
            calls = new NoCalls();
        } else {
            CallSink sink = new CallSink(use, newId, isGuided);
            calls = switch (format) {
                case HERMES -> new TaggedCalls(sink);
                case MISTRAL -> new MistralCalls(sink);
                case LLAMA, JSON -> new BareCalls(sink, format.trigger());
            };
        }
        return new ReplyParser(new ThinkSplitter(reasons, thinks), calls);
    }

    /** Takes more of the reply and returns what became certain. */
    public List<ReplyPart> next(String text) {
        List<ReplyPart> parts = new ArrayList<>();
        String rest = thinking.next(text, parts);
        if (!rest.isEmpty()) {
            calls.next(rest, parts);
        }
        return parts;
    }

    /** Returns the rest: the reply is over. */
    public List<ReplyPart> finish() {
        List<ReplyPart> parts = new ArrayList<>();
        String rest = thinking.finish(parts);
        if (!rest.isEmpty()) {
            calls.next(rest, parts);
        }
        calls.finish(parts);
        return parts;
    }

    /** Finds calls behind the thoughts. */
    interface CallSplitter {
        void next(String text, List<ReplyPart> parts);

        void finish(List<ReplyPart> parts);
    }

    private static final class NoCalls implements CallSplitter {
        @Override
        public void next(String text, List<ReplyPart> parts) {
            parts.add(new ReplyPart.Content(text));
        }

        @Override
        public void finish(List<ReplyPart> parts) {
            // Nothing was held back.
        }
    }
}
