package dev.kvasir.engine.responses;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.responses.ResponseStore.Entry;
import dev.kvasir.engine.responses.ResponseStore.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is stored, for whom and for how long. */
class ResponseStoreTest {
    private static final long ONE = response(null, 1000).bytes();

    private final AtomicLong nanos = new AtomicLong();

    private ResponseStore store(int responses, long bytes) {
        return new ResponseStore(new Limits(responses, bytes, 60), nanos::get);
    }

    private static StoredResponse response(@Nullable String previous, int bytes) {
        return new StoredResponse(previous, new byte[bytes], new byte[0]);
    }

    private static Entry done(@Nullable String previous) {
        return new Entry(response(previous, 1000), null);
    }

    @Test
    void whatWasntUsedForLongestGoesFirst() {
        ResponseStore store = store(3, Long.MAX_VALUE);
        for (String id : List.of("a", "b", "c")) {
            assertThat(store.put("t", id, done(null))).isTrue();
        }
        assertThat(store.get("t", "a")).isPresent(); // used
        store.put("t", "d", done(null));
        assertThat(store.get("t", "b")).isEmpty();
        assertThat(store.get("t", "a")).isPresent();
        assertThat(store.count()).isEqualTo(3);
        assertThat(store.bytes()).isEqualTo(3 * ONE);
    }

    @Test
    void whoStoresMuchPushesNobodyElsesOut() {
        ResponseStore store = store(1000, 10 * ONE);
        store.put("small", "mine", done(null));
        for (int i = 0; i < 100; i++) {
            assertThat(store.put("flood", "f" + i, done(null))).isTrue();
        }
        assertThat(store.get("small", "mine")).isPresent();
        assertThat(store.get("flood", "f99")).isPresent();
        assertThat(store.get("flood", "f0")).isEmpty();
        assertThat(store.bytes()).isEqualTo(10 * ONE);
    }

    @Test
    void whatIsLargerThanAllIsNotStored() {
        ResponseStore store = store(10, ONE);
        assertThat(store.put("t", "large", new Entry(response(null, 100_000), null)))
                .isFalse();
        assertThat(store.count()).isZero();
        assertThat(store.bytes()).isZero();
        assertThat(store(0, ONE).isOpen()).isFalse();
    }

    @Test
    void whatNobodyUsesIsForgotten() {
        ResponseStore store = store(10, Long.MAX_VALUE);
        store.put("t", "a", done(null));
        store.put("t", "b", done("a"));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(50));
        assertThat(store.chain("t", "b")).isPresent(); // uses both
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(50));
        assertThat(store.get("t", "a")).isPresent();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertThat(store.get("t", "a")).isEmpty();
        assertThat(store.count()).isZero();
        assertThat(store.bytes()).isZero();
    }

    @Test
    void aChainIsWholeOrNotThere() {
        ResponseStore store = store(10, Long.MAX_VALUE);
        store.put("t", "a", done(null));
        store.put("t", "b", done("a"));
        store.put("t", "c", done("b"));
        assertThat(store.chain("t", "c").orElseThrow().stream()
                        .map(entry -> String.valueOf(entry.stored().previousId())))
                .containsExactly("null", "a", "b");
        assertThat(store.chain("other", "c")).isEmpty();
        store.remove("t", "a");
        assertThat(store.chain("t", "c")).isEmpty();
        store.put("t", "a", done("c")); // nobody can make such an id, and yet
        assertThat(store.chain("t", "c")).isEmpty();
    }

    @Test
    void whatIsBeingComputedStays() {
        ResponseStore store = store(2, Long.MAX_VALUE);
        List<String> cancelled = new ArrayList<>();
        Consumer<Runnable> cancel = then -> cancelled.add("cancelled");
        store.put("t", "running", new Entry(response(null, 1000), cancel));
        store.put("t", "a", done(null));
        store.put("t", "b", done(null));
        assertThat(store.get("t", "running").orElseThrow().isRunning()).isTrue();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1000));
        store.put("t", "also", new Entry(response(null, 1000), cancel));
        assertThat(store.put("t", "third", done(null))).isFalse();
        store.update("t", "running", done(null));
        assertThat(store.get("t", "running").orElseThrow().isRunning()).isFalse();
        store.remove("t", "also");
        store.update("t", "also", done(null)); // what was deleted doesn't come back
        assertThat(store.get("t", "also")).isEmpty();
        assertThat(cancelled).isEmpty();
    }
}
