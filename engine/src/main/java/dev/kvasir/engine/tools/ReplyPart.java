package dev.kvasir.engine.tools;

/** A piece of a reply that became certain. */
public sealed interface ReplyPart {
    /** Text for the reader. */
    record Content(String text) implements ReplyPart {}

    /** What the model thinks. */
    record Reasoning(String text) implements ReplyPart {}

    /**
     * A call begins.
     *
     * @param index which of the reply's calls, from 0
     * @param id unique
     */
    record CallBegin(int index, String id, String name) implements ReplyPart {}

    /** More of the JSON text of a call's arguments. */
    record Arguments(int index, String json) implements ReplyPart {}
}
