package dev.kvasir.engine.openai;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Builds a conversation as chat templates read it, from APIs that write text, thoughts, calls and results one after another: what
 * the assistant says in a row becomes one message.
 */
public final class Turns {
    private static final String ROLE = "role";
    private static final String CONTENT = "content";
    private static final String CALLS = "tool_calls";

    private final boolean joinsUsers;
    private final List<Map<String, Object>> messages = new ArrayList<>();

    /** @param joinsUsers whether what a user says in a row becomes one message, too */
    public Turns(boolean joinsUsers) {
        this.joinsUsers = joinsUsers;
    }

    /** Adds what the system says; at the beginning all of it is one message, since many templates take no second one. */
    public void system(String text) {
        if (messages.size() == 1 && last("system") != null) {
            append(messages.get(0), text, "\n\n");
        } else {
            add("system", text);
        }
    }

    public void user(String text) {
        Map<String, Object> last = joinsUsers ? last("user") : null;
        if (last == null) {
            add("user", text);
        } else {
            append(last, text, "\n");
        }
    }

    public void assistant(String text) {
        append(assistant(), text, "\n");
    }

    /** Adds what the assistant thought. */
    public void thought(String text) {
        Map<String, Object> message = assistant();
        Object before = message.get("reasoning_content");
        message.put("reasoning_content", before == null ? text : before + "\n" + text);
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
        Map<String, Object> message = assistant();
        List<Object> calls = new ArrayList<>();
        if (message.get(CALLS) instanceof List<?> before) {
            calls.addAll(before);
        }
        calls.add(call);
        message.put(CALLS, calls);
    }

    /** Adds what a tool returned. */
    public void result(String callId, String text) {
        add("tool", text);
        messages.get(messages.size() - 1).put("tool_call_id", callId);
    }

    /** Returns whether the assistant has the last word. */
    public boolean endsWithAssistant() {
        return last("assistant") != null;
    }

    /** Returns the messages. */
    public List<Map<String, Object>> messages() {
        MessageCalls.nameResults(messages);
        return messages;
    }

    private Map<String, Object> assistant() {
        Map<String, Object> last = last("assistant");
        return last == null ? add("assistant", "") : last;
    }

    private Map<String, Object> add(String role, String text) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put(ROLE, role);
        message.put(CONTENT, text);
        messages.add(message);
        return message;
    }

    private static void append(Map<String, Object> message, String text, String between) {
        String before = String.valueOf(message.get(CONTENT));
        message.put(CONTENT, before.isEmpty() ? text : before + between + text);
    }

    private @Nullable Map<String, Object> last(String role) {
        Map<String, Object> last = messages.isEmpty() ? null : messages.get(messages.size() - 1);
        return last != null && role.equals(last.get(ROLE)) ? last : null;
    }
}
