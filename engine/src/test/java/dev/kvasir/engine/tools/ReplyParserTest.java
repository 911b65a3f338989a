package dev.kvasir.engine.tools;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.tools.ToolUse.Choice;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What comes of replies, whatever the pieces in which they come. */
class ReplyParserTest {
    private static final ToolUse USE =
            new ToolUse(List.of(new Tool("f", null, false), new Tool("g", null, false)), Choice.AUTO, null, true);

    /**
     * A reply and what is in it.
     *
     * @param isGuided whether calls are sure to be whole
     * @param parts content as {@code "text"}, thoughts as {@code ~text}, calls as {@code f{..}}
     */
    private record Case(ToolFormat format, boolean isGuided, String reply, String... parts) {}

    private static final List<Case> CASES = List.of(
            // Hermes
            new Case(ToolFormat.HERMES, false, "Hello <b>you</b> < tool", "\"Hello <b>you</b> < tool\""),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>",
                    "f{\"a\":1}"),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "I look. \n<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"</tool_cal\"}}</tool_call>\n"
                            + "<tool_call>{\"arguments\": {}, \"name\": \"g\"}</tool_call>\n",
                    "\"I look.\"",
                    "f{\"a\":\"</tool_cal\"}",
                    "g{}"),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>",
                    "f{\"a\":1}"),
            new Case(ToolFormat.HERMES, false, "<tool_call>{\"name\": \"f\"}", "f{}"),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": </tool_call> Sorry.",
                    "\"<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": </tool_call> Sorry.\""),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<tool_call>{\"name\": \"nothing\", \"arguments\": {}}</tool_call>",
                    "\"<tool_call>{\"name\": \"nothing\", \"arguments\": {}}</tool_call>\""),
            new Case(
                    ToolFormat.HERMES,
                    true,
                    "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1, {\"b\": \"}\\\"\"}]}}\n</tool_call>\n"
                            + "<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>",
                    "f{\"a\": [1, {\"b\": \"}\\\"\"}]}",
                    "g{}"),
            new Case(ToolFormat.HERMES, true, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1", "f{\"a\": 1"),
            // Llama
            new Case(ToolFormat.LLAMA, false, "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "f{\"a\":1}"),
            new Case(
                    ToolFormat.LLAMA,
                    false,
                    "<|python_tag|>{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {}}",
                    "f{}",
                    "g{}"),
            new Case(ToolFormat.LLAMA, false, "{\"answer\": 42}", "\"{\"answer\": 42}\""),
            new Case(
                    ToolFormat.LLAMA,
                    false,
                    "{\"name\": \"f\", \"parameters\": {\"a\"",
                    "\"{\"name\": \"f\", \"parameters\": {\"a\"\""),
            new Case(ToolFormat.LLAMA, false, "Hello {\"name\": \"f\"}", "\"Hello {\"name\": \"f\"}\""),
            new Case(ToolFormat.LLAMA, false, "<|python_tag|>print(1)", "\"<|python_tag|>print(1)\""),
            // a list, or lines
            new Case(
                    ToolFormat.JSON,
                    false,
                    " [{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": {\"x\": null}}]",
                    "f{}",
                    "g{\"x\":null}"),
            new Case(
                    ToolFormat.JSON,
                    false,
                    "{\"name\": \"f\", \"arguments\": {}}\n{\"name\": \"g\", \"arguments\": {}}",
                    "f{}",
                    "g{}"),
            new Case(ToolFormat.JSON, false, "[1, 2]", "\"[1, 2]\""),
            new Case(ToolFormat.JSON, true, "{\"name\": \"g\", \"arguments\": {\"x\": {}}}", "g{\"x\": {}}"),
            // Mistral
            new Case(
                    ToolFormat.MISTRAL,
                    false,
                    "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", \"arguments\": {}}]",
                    "f{\"a\":1}",
                    "g{}"),
            new Case(
                    ToolFormat.MISTRAL,
                    true,
                    "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}}, {\"name\": \"g\", \"arguments\": {}}]",
                    "f{\"a\": 1}",
                    "g{}"),
            new Case(
                    ToolFormat.MISTRAL,
                    false,
                    "So: [TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g{}",
                    "\"So:\"",
                    "f{\"a\":1}",
                    "g{}"),
            new Case(
                    ToolFormat.MISTRAL,
                    false,
                    "[TOOL_CALLS][{\"name\": \"f\", \"arg",
                    "\"[TOOL_CALLS][{\"name\": \"f\", \"arg\""),
            new Case(ToolFormat.MISTRAL, false, "A [list] of [TOOLS]", "\"A [list] of [TOOLS]\""),
            // Thoughts
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<think>\nWhat now? </thin\n</think>\n\nHello",
                    "~What now? </thin",
                    "\"Hello\""),
            new Case(ToolFormat.HERMES, false, "\n<think></think>Hello", "\"Hello\""),
            new Case(ToolFormat.HERMES, false, "<thinking>", "\"<thinking>\""),
            new Case(ToolFormat.HERMES, false, "<think>for ever", "~for ever"),
            new Case(
                    ToolFormat.HERMES,
                    false,
                    "<think>a</think><tool_call>{\"name\": \"f\", \"arguments\": {}}</tool_call>",
                    "~a",
                    "f{}"));

    @RandomizedTest(20)
    void piecesMakeNoDifference(SplittableRandom random) {
        for (Case each : CASES) {
            ReplyParser parser = parser(each.format, true, false, each.isGuided);
            List<ReplyPart> parts = new ArrayList<>();
            for (int from = 0; from < each.reply.length(); ) {
                int to = Math.min(each.reply.length(), from + 1 + random.nextInt(1 + random.nextInt(20)));
                parts.addAll(parser.next(each.reply.substring(from, to)));
                from = to;
            }
            parts.addAll(parser.finish());
            assertThat(shown(parts)).as(each.toString()).containsExactly(each.parts);
        }
    }

    @Test
    void argumentsOfGuidedCallsComeAsTheyAreWritten() {
        ReplyParser parser = parser(ToolFormat.HERMES, false, false, true);
        parser.next("<tool_call>{\"name\": \"f\", \"argum");
        assertThat(parser.next("ents\": {\"a\"")).hasSize(2);
        assertThat(parser.next(": 1")).containsExactly(new ReplyPart.Arguments(0, ": 1"));
        assertThat(parser.next("}}")).containsExactly(new ReplyPart.Arguments(0, "}"));
    }

    @Test
    void aThoughtMayHaveBegunInThePrompt() {
        ReplyParser parser = parser(ToolFormat.HERMES, true, true, false);
        List<ReplyPart> parts = new ArrayList<>(parser.next("So.</think>Yes"));
        parts.addAll(parser.finish());
        assertThat(shown(parts)).containsExactly("~So.", "\"Yes\"");
    }

    @Test
    void aModelThatDoesntReasonMayWriteTheTag() {
        ReplyParser parser = parser(ToolFormat.HERMES, false, false, false);
        assertThat(shown(parser.next("<think>a</think>"))).containsExactly("\"<think>a</think>\"");
    }

    @Test
    void formatsAreFoundInTemplates() {
        assertThat(ToolFormat.of("{{ '<tool_call>' }}")).isEqualTo(ToolFormat.HERMES);
        assertThat(ToolFormat.of("{{ '[TOOL_CALLS]' }}")).isEqualTo(ToolFormat.MISTRAL);
        assertThat(ToolFormat.of("{{ '{\"name\": ..., \"parameters\": ...}' }}"))
                .isEqualTo(ToolFormat.LLAMA);
        assertThat(ToolFormat.of("{{ messages }}")).isEqualTo(ToolFormat.JSON);
    }

    private static ReplyParser parser(ToolFormat format, boolean reasons, boolean thinks, boolean isGuided) {
        int[] ids = {0};
        return ReplyParser.of(format, USE, reasons, thinks, isGuided, () -> "id" + ids[0]++);
    }

    /** Joins what belongs together. */
    private static List<String> shown(List<ReplyPart> parts) {
        List<String> shown = new ArrayList<>();
        StringBuilder content = new StringBuilder();
        StringBuilder thought = new StringBuilder();
        List<StringBuilder> calls = new ArrayList<>();
        for (ReplyPart part : parts) {
            if (part instanceof ReplyPart.Content more) {
                content.append(more.text());
            } else if (part instanceof ReplyPart.Reasoning more) {
                thought.append(more.text());
            } else if (part instanceof ReplyPart.CallBegin begin) {
                assertThat(begin.index()).isEqualTo(calls.size());
                calls.add(new StringBuilder(begin.name()));
            } else if (part instanceof ReplyPart.Arguments more) {
                calls.get(more.index()).append(more.json());
            }
        }
        if (!thought.isEmpty()) {
            shown.add("~" + thought);
        }
        if (!content.isEmpty()) {
            shown.add("\"" + content + "\"");
        }
        calls.forEach(call -> shown.add(call.toString()));
        return shown;
    }
}
