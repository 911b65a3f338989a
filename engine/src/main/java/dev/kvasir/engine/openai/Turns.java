package dev.kvasir.engine.openai;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a conversation as chat templates read it, from APIs that write text, thoughts, calls and results one after another: what
 * the assistant says in a row becomes one message. Takes time in proportion to what is added, however small the pieces.
 */
public final class Turns {
    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";

    /** A message as far as it has come. */
    private static final class Turn {
        final String role;
        final StringBuilder content = new StringBuilder();
        final StringBuilder thought = new StringBuilder();
        final List<Map<String, Object>> calls = new ArrayList<>();

        @Nullable
        String callId; // that it is the result of

        Turn(String role) {
            this.role = role;
        }

        static void append(StringBuilder text, String more, String between) {
            text.append(text.isEmpty() ? "" : between).append(more);
        }

        Map<String, Object> message() {
            Map<String, Object> message = new LinkedHashMap<>();
            message.put("role", role);
            message.put("content", content.toString());
            if (!calls.isEmpty()) {
                message.put("tool_calls", calls);
            }
            if (!thought.isEmpty()) {
                message.put("reasoning_content", thought.toString());
            }
            if (callId != null) {
                message.put("tool_call_id", callId);
            }
            return message;
        }
    }

    private final boolean joinsUsers;
    private final List<Turn> turns = new ArrayList<>();

    /** @param joinsUsers whether what a user says in a row becomes one message, too */
    public Turns(boolean joinsUsers) {
        this.joinsUsers = joinsUsers;
    }

    /** Adds what the system says; at the beginning all of it is one message, since many templates take no second one. */
    public void system(String text) {
        Turn.append((turns.size() == 1 ? open(SYSTEM) : add(SYSTEM)).content, text, "\n\n");
    }

    public void user(String text) {
        Turn.append((joinsUsers ? open(USER) : add(USER)).content, text, "\n");
    }

    public void assistant(String text) {
        Turn.append(open(ASSISTANT).content, text, "\n");
    }

    /** Adds what the assistant thought. */
    public void thought(String text) {
        Turn.append(open(ASSISTANT).thought, text, "\n");
    }

    /** Adds a call of a tool with arguments as JSON text. */
    public void call(String id, String name, @Nullable String arguments) {
        addCall(id, name, MessageCalls.parsed(arguments));
    }

    /** Adds a call of a tool with arguments as plain values. */
    public void call(String id, String name, Map<String, Object> arguments) {
        addCall(id, name, arguments);
    }

    private void addCall(String id, String name, Object arguments) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", name);
        function.put("arguments", arguments);
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("id", id);
        call.put("type", "function");
        call.put("function", function);
        open(ASSISTANT).calls.add(call);
    }

    /** Adds what a tool returned. */
    public void result(String callId, String text) {
        Turn result = add("tool");
        result.content.append(text);
        result.callId = callId;
    }

    /** Returns whether the assistant has the last word. */
    public boolean endsWithAssistant() {
        return !turns.isEmpty() && turns.get(turns.size() - 1).role.equals(ASSISTANT);
    }

    /** Returns the messages. */
    public List<Map<String, Object>> messages() {
        List<Map<String, Object>> messages = new ArrayList<>();
        turns.forEach(turn -> messages.add(turn.message()));
        MessageCalls.nameResults(messages);
        return messages;
    }

    /** Returns the last turn if it is of this role, else a new one. */
    private Turn open(String role) {
        Turn last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
        return last != null && last.role.equals(role) ? last : add(role);
    }

    private Turn add(String role) {
        Turn turn = new Turn(role);
        turns.add(turn);
        return turn;
    }
}
