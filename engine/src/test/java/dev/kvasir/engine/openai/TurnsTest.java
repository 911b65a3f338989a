package dev.kvasir.engine.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is said one after another becomes messages. */
class TurnsTest {
    @Test
    void whatTheAssistantSaysInARowIsOneMessage() {
        Turns turns = new Turns(false);
        turns.system("a");
        turns.system("b");
        turns.user("one");
        turns.user("two");
        turns.thought("hm");
        turns.assistant("I call.");
        turns.call("c1", "add", "{\"a\":1}");
        turns.call("c2", "add", "no JSON");
        turns.result("c1", "1");
        turns.assistant("Well.");
        turns.system("c");
        assertThat(turns.endsWithAssistant()).isFalse();
        List<Map<String, Object>> messages = turns.messages();
        assertThat(messages.stream().map(message -> message.get("role")))
                .containsExactly("system", "user", "user", "assistant", "tool", "assistant", "system");
        assertThat(messages.get(0)).containsEntry("content", "a\n\nb");
        assertThat(messages.get(3)).containsEntry("content", "I call.").containsEntry("reasoning_content", "hm");
        assertThat(messages.get(3).get("tool_calls").toString())
                .isEqualTo("[{id=c1, type=function, function={name=add, arguments={a=1}}},"
                        + " {id=c2, type=function, function={name=add, arguments=no JSON}}]");
        assertThat(messages.get(4)).containsEntry("tool_call_id", "c1").containsEntry("name", "add");
    }

    @Test
    void whatAUserSaysInARowIsOneMessageWhereTheApiSaysSo() {
        Turns turns = new Turns(true);
        turns.user("one");
        turns.user("");
        turns.user("two");
        assertThat(turns.messages()).containsExactly(Map.of("role", "user", "content", "one\n\ntwo"));
    }

    /** Copying what is there for each piece would take hours. */
    @Test
    void manyPiecesTakeNoLongerThanTheyAreLong() {
        Turns turns = new Turns(true);
        for (int i = 0; i < 300_000; i++) {
            turns.user("piece");
        }
        for (int i = 0; i < 300_000; i++) {
            turns.call("id", "f", Map.of());
            turns.assistant("piece");
            turns.thought("piece");
        }
        assertThat(turns.messages()).hasSize(2);
    }
}
