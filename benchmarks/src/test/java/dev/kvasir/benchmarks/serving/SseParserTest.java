package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SseParserTest {
    private static SseEvent message(String data) {
        return new SseEvent("message", data);
    }

    private static List<SseEvent> parse(String text) {
        List<SseEvent> events = new ArrayList<>();
        new SseParser(events::add).feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        return events;
    }

    @Test
    void dispatchesAnEventAtItsBlankLine() {
        assertThat(parse("data: one\n\ndata: two\n\n")).containsExactly(message("one"), message("two"));
    }

    @Test
    void acceptsEveryLineEnd() {
        assertThat(parse("data: a\r\rdata: b\r\n\r\ndata: c\n\n"))
                .containsExactly(message("a"), message("b"), message("c"));
    }

    @Test
    void joinsDataLinesAndRemovesOneBlankAfterTheColonOnly() {
        assertThat(parse("data:a\ndata:  b\ndata\n\n")).containsExactly(message("a\n b\n"));
    }

    @Test
    void ignoresCommentsAndFieldsThatItDoesNotKnow() {
        assertThat(parse(": keep-alive\n\nid: 4\nretry: 10\nfoo: bar\ndata: x\n\n"))
                .containsExactly(message("x"));
    }

    @Test
    void namesTheEventsTypeAndForgetsItAfterwards() {
        assertThat(parse("event: error\ndata: x\n\ndata: y\n\n"))
                .containsExactly(new SseEvent("error", "x"), message("y"));
    }

    @Test
    void skipsAByteOrderMarkAtTheStartOnly() {
        assertThat(parse("\uFEFFdata: x\n\n\uFEFFdata: y\n\n")).containsExactly(message("x"));
    }

    @Test
    void dropsAnEventThatTheEndCutsOff() {
        assertThat(parse("data: x\n\ndata: y\n")).containsExactly(message("x"));
    }

    @Test
    void refusesAnEventWithoutEnd() {
        SseParser parser = new SseParser(event -> {});
        ByteBuffer longLine = ByteBuffer.allocate(SseParser.MAX_EVENT_BYTES);
        parser.feed(longLine);
        assertThatThrownBy(() -> parser.feed(ByteBuffer.allocate(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1048576");
    }

    @RandomizedTest(50)
    void givesTheSameEventsHoweverTheBytesAreCut(SplittableRandom random) {
        String[] pieces = {"data: ", "é€😀", "\n", "\r\n", "\r", ": c", "event: e", "x", "\n\n", "data:y\n\n"};
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        text.append("\n\ndata: last\n\n");
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);

        List<SseEvent> events = new ArrayList<>();
        SseParser parser = new SseParser(events::add);
        for (int at = 0; at < bytes.length; ) {
            int length = Math.min(bytes.length - at, random.nextInt(5));
            parser.feed(ByteBuffer.wrap(bytes, at, length));
            at += length;
        }
        assertThat(events).isEqualTo(parse(text.toString())).isNotEmpty();
    }
}
