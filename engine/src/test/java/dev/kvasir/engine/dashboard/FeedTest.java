package dev.kvasir.engine.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who follows gets everything once, whatever happens in between. */
class FeedTest {
    private final Feed feed =
            new Feed("e", () -> JsonNodeFactory.instance.objectNode().put("past", true));

    private static ObjectNode document(int value) {
        return JsonNodeFactory.instance.objectNode().put("value", value);
    }

    /** What one page gets. */
    private static final class Page {
        final List<String> events = new ArrayList<>();
        int ends;

        void take(byte[] bytes) {
            events.add(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    @Test
    void beginsWithAllOfItAndGoesOnWithWhatChanges() {
        feed.publish(document(1));
        Page page = new Page();
        feed.follow(null, page::take, () -> page.ends++);
        feed.publish(document(2));
        feed.publish(document(2));
        assertThat(page.events)
                .containsExactly(
                        "id: e-1\nevent: state\ndata: {\"document\":{\"value\":1},\"history\":{\"past\":true}}\n\n",
                        "id: e-2\nevent: patch\ndata: {\"value\":2}\n\n",
                        "id: e-3\nevent: patch\ndata: {}\n\n");
    }

    @Test
    void goesOnWhereItWasLeft() {
        for (int i = 1; i <= 5; i++) {
            feed.publish(document(i));
        }
        Page page = new Page();
        feed.follow("e-3", page::take, () -> page.ends++);
        assertThat(page.events)
                .containsExactly(
                        "id: e-4\nevent: patch\ndata: {\"value\":4}\n\nid: e-5\nevent: patch\ndata: {\"value\":5}\n\n");
        Page upToDate = new Page();
        feed.follow("e-5", upToDate::take, () -> {});
        assertThat(upToDate.events).containsExactly("");
    }

    @Test
    void beginsAnewForWhoWasAwayTooLongOrFollowedAnother() {
        for (int i = 1; i <= Feed.KEPT_EVENTS + 10; i++) {
            feed.publish(document(i));
        }
        for (String last : List.of("e-3", "other-7", "e-9999", "e-x", "e--1", "e-", "e-99999999999999999999", "")) {
            Page page = new Page();
            feed.follow(last, page::take, () -> {});
            assertThat(page.events).as(last).singleElement().asString().contains("event: state");
        }
    }

    @Test
    void keepsNoMoreThanItShould() {
        for (int i = 0; i < 40; i++) {
            feed.publish(JsonNodeFactory.instance
                    .objectNode()
                    .put("text", String.valueOf(i).repeat(60_000)));
        }
        Page page = new Page();
        feed.follow("e-2", page::take, () -> {});
        assertThat(page.events).singleElement().asString().contains("event: state"); // gone, for all its few events
    }

    @Test
    void endsForAllAndForGood() {
        Page left = new Page();
        Page stays = new Page();
        feed.follow(null, left::take, () -> left.ends++).run();
        feed.follow(null, stays::take, () -> stays.ends++);
        assertThat(feed.followers()).isEqualTo(1);
        feed.close();
        feed.publish(document(7));
        assertThat(left.ends).isZero();
        assertThat(stays.ends).isEqualTo(1);
        assertThat(stays.events).hasSize(1);
        feed.follow(null, stays::take, () -> stays.ends++);
        assertThat(stays.ends).isEqualTo(2);
    }
}
