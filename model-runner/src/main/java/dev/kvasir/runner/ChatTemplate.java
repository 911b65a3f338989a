package dev.kvasir.runner;

import java.util.List;
import java.util.Map;

/** Renders a conversation into the prompt that the model was trained on. Thread-safe. */
public interface ChatTemplate {
    /**
     * Renders.
     *
     * @param messages as in OpenAI's API: {@code role}, {@code content} and whatever else the template may read; plain maps, lists,
     *     strings, numbers, booleans
     * @param variables further template variables ({@code tools}, {@code enable_thinking} ..)
     * @param addGenerationPrompt whether to end with the header of the assistant's turn
     * @throws TemplateException if the template refuses the messages (its {@code raise_exception}) or fails on them
     */
    String render(List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt)
            throws TemplateException;

    /** Returns the template's text, which says in what form its model writes; empty if there is none to be read. */
    default String source() {
        return "";
    }

    /** The template refused or failed; the message is fit for the client. */
    final class TemplateException extends Exception {
        private static final long serialVersionUID = 1L;

        public TemplateException(String message) {
            super(message);
        }
    }
}
