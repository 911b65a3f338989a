package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tenants of one server can take from each other, find of each other, and share. */
class TenantsTest {
    private static final String ALICE = "alice-key-1";
    private static final String BOB = "bob-key-12";
    private static final String KEYS = "http.apiKeys=[alice:" + ALICE + ", bob:" + BOB + "]";
    private static final int PROMPT = 101; // with the beginning's token
    private static final int WHOLE = 96; // of these, in whole segments of 16
    private static final int SEGMENT_BYTES = 256;

    private static JsonNode ask(TestServer server, String key, int text, String fields) throws Exception {
        String prompt = String.format("%04d", text).repeat(25);
        JsonNode usage = server.ok(
                        "/v1/completions",
                        "{\"model\":\"parrot\",\"prompt\":\"" + prompt + "\",\"max_tokens\":1" + fields + "}",
                        "authorization",
                        "Bearer " + key)
                .path("usage");
        assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(PROMPT);
        server.awaitIdle();
        return usage.path("prompt_tokens_details");
    }

    private static int cached(TestServer server, String key, int text, String fields) throws Exception {
        return ask(server, key, text, fields).path("cached_tokens").asInt(-1);
    }

    /** Asks 60 prompts of 7 segments, some under a salt of their own, in a pool of 64 slots. */
    private static void flood(TestServer server, String key) throws Exception {
        for (int i = 0; i < 60; i++) {
            ask(server, key, 1000 + i, i % 2 == 0 ? "" : ",\"cache_salt\":\"salt " + i + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lru", "lfu", "tinylfu"})
    void aFloodCanNotEvictWhoIsBelowItsQuotaFromTheDevice(String eviction) throws Exception {
        try (TestServer server = TestServer.start(KEYS, "pool.tenantQuota=0.5", "pool.eviction=" + eviction)) {
            for (int text = 0; text < 4; text++) {
                assertThat(cached(server, BOB, text, "")).isZero();
            }
            flood(server, ALICE);
            for (int text = 0; text < 4; text++) {
                assertThat(cached(server, BOB, text, "")).isEqualTo(WHOLE);
            }
        }
    }

    @Test
    void withoutAQuotaAFloodEvictsAll() throws Exception {
        try (TestServer server = TestServer.start(KEYS)) {
            cached(server, BOB, 1, "");
            flood(server, ALICE);
            assertThat(cached(server, BOB, 1, "")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lru", "lfu", "tinylfu"})
    void norFromTheHost(String eviction) throws Exception {
        try (TestServer server = TestServer.start(
                KEYS,
                "pool.tenantQuota=0.5",
                "pool.eviction=" + eviction,
                "pool.prefetch=wait",
                "scheduler.prefillChunk=32", // too little to learn that the parrot computes faster than it copies
                "pool.hostBytes=" + 128 * SEGMENT_BYTES)) {
            // More than Bob may hold on the device, less than in the host tier.
            List<Integer> texts = List.of(0, 1, 2, 3, 4, 5, 6, 7);
            for (int text : texts) {
                cached(server, BOB, text, "");
            }
            flood(server, ALICE);
            int fromHost = 0;
            for (int text : texts) {
                JsonNode details = ask(server, BOB, text, "");
                assertThat(details.path("cached_tokens").asInt()).isEqualTo(WHOLE);
                fromHost += details.path("cached_tokens_by_tier").path("host").asInt();
            }
            assertThat(fromHost).isGreaterThanOrEqualTo(3 * WHOLE);
        }
    }

    @Test
    void thePoolSaysWhoHoldsWhat() throws Exception {
        String root = "root-key-1";
        try (TestServer server =
                TestServer.start(KEYS, "http.adminKeys=[root:" + root + "]", "pool.tenantQuota=0.25")) {
            ask(server, BOB, 1, "");
            flood(server, ALICE);
            JsonNode tenants = TestServer.json(server.get("/v1/kvasir/pool", "authorization", "Bearer " + root)
                            .body())
                    .path("tenants");
            List<Integer> segments = new ArrayList<>();
            for (JsonNode tenant : tenants) {
                segments.add(tenant.path("segments").path("device").asInt());
                assertThat(tenant.path("quota_segments").asInt()).isEqualTo(16);
            }
            assertThat(segments).hasSize(2);
            assertThat(segments.get(0)).isBetween(15, 16); // the last one's tail may have gone with its request
            assertThat(segments.get(1)).isEqualTo(6);
        }
    }

    /** Returns the counts once so many tokens were computed: an answer is out before its step's counts are. */
    private static SchedulerStats statsAfter(TestServer server, int computedTokens) {
        TestServer.await(
                "the counts of the last step", () -> server.scheduler().stats().computedTokens() == computedTokens);
        return server.scheduler().stats();
    }

    @Test
    void anothersCachedPromptCostsWhatOneCostsThatNobodyHas() throws Exception {
        try (TestServer server = TestServer.start(KEYS)) {
            ask(server, ALICE, 1, "");
            SchedulerStats before = statsAfter(server, PROMPT);
            assertThat(cached(server, BOB, 1, "")).isZero();
            SchedulerStats anothers = statsAfter(server, 2 * PROMPT);
            assertThat(cached(server, BOB, 2, "")).isZero();
            SchedulerStats nobodys = statsAfter(server, 3 * PROMPT);
            assertThat(anothers.steps() - before.steps()).isEqualTo(nobodys.steps() - anothers.steps());
            assertThat(cached(server, BOB, 1, "")).isEqualTo(WHOLE);
        }
    }

    @Test
    void tenantsShareUnderASaltThatTheSettingsNameAndBothGive() throws Exception {
        try (TestServer server = TestServer.start(KEYS, "pool.sharedSalts=[system, docs]")) {
            assertThat(cached(server, ALICE, 1, ",\"cache_salt\":\"system\"")).isZero();
            assertThat(cached(server, BOB, 1, "")).isZero(); // didn't opt in
            assertThat(cached(server, BOB, 1, ",\"cache_salt\":\"docs\"")).isZero();
            assertThat(cached(server, BOB, 1, ",\"cache_salt\":\"other\"")).isZero();
            assertThat(cached(server, BOB, 1, ",\"cache_salt\":\"system\"")).isEqualTo(WHOLE);

            assertThat(cached(server, BOB, 2, "")).isZero();
            assertThat(cached(server, ALICE, 2, ",\"cache_salt\":\"system\"")).isZero(); // what is private stays so
        }
        try (TestServer server = TestServer.start(KEYS)) {
            assertThat(cached(server, ALICE, 1, ",\"cache_salt\":\"system\"")).isZero();
            assertThat(cached(server, BOB, 1, ",\"cache_salt\":\"system\"")).isZero(); // the settings name none
        }
    }

    @Test
    void aFloodOfWhatIsSharedIsOnNobodysQuota() throws Exception {
        try (TestServer server = TestServer.start(KEYS, "pool.tenantQuota=0.34", "pool.sharedSalts=[system]")) {
            cached(server, BOB, 1, "");
            cached(server, ALICE, 1, "");
            for (int i = 0; i < 60; i++) {
                ask(server, ALICE, 1000 + i, ",\"cache_salt\":\"system\"");
            }
            assertThat(cached(server, BOB, 1, "")).isEqualTo(WHOLE);
            assertThat(cached(server, ALICE, 1, "")).isEqualTo(WHOLE);
        }
    }
}
