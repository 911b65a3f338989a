package dev.kvasir.engine.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.config.KeyLimits;
import dev.kvasir.engine.http.KeyBudget.Limit;
import dev.kvasir.engine.openai.ApiError;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a key may ask for, on a clock that the test turns. */
class KeyBudgetTest {
    private final List<Limit> limited = new ArrayList<>();
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    private long nanos = 7_000_000_000L;

    @Test
    void requestsComeBackSteadily() {
        KeyBudget budget = budget(6, 0, 0);
        for (int i = 0; i < 6; i++) {
            budget.begin(headers);
        }
        assertThat(headers.get("x-ratelimit-limit-requests")).isEqualTo("6");
        assertThat(headers.get("x-ratelimit-remaining-requests")).isEqualTo("0");
        assertThat(headers.get("x-ratelimit-reset-requests")).isEqualTo("1m0s");
        assertThat(headers.contains("x-ratelimit-limit-tokens")).isFalse();
        pass(3);
        assertRefused(() -> budget.begin(headers), "6 requests in a minute");
        assertThat(headers.get("retry-after")).isEqualTo("7");
        assertThat(headers.get("retry-after-ms")).isEqualTo("7000");
        pass(7);
        budget.begin(headers);
        assertRefused(() -> budget.begin(headers), "6 requests in a minute");
        pass(60);
        budget.begin(headers);
        assertThat(headers.get("x-ratelimit-remaining-requests")).isEqualTo("5");
        assertThat(headers.get("x-ratelimit-reset-requests")).isEqualTo("10s");
        assertThat(limited).containsExactly(Limit.REQUESTS, Limit.REQUESTS);
    }

    @Test
    void anAnswerIsPaidForAfterwardsByWhoComesNext() {
        KeyBudget budget = budget(0, 600, 0);
        budget.begin(headers);
        budget.takePrompt(100, headers);
        assertThat(headers.get("x-ratelimit-remaining-tokens")).isEqualTo("500");
        budget.takeAnswer(800);
        budget.begin(headers);
        assertThat(headers.get("x-ratelimit-remaining-tokens")).isEqualTo("0");
        assertRefused(() -> budget.takePrompt(1, headers), "0 are left and the prompt has 1");
        // 301 tokens are missing, and ten come in a second.
        assertThat(headers.get("retry-after-ms")).isEqualTo("30100");
        assertThat(headers.get("retry-after")).isEqualTo("31");
        pass(31);
        budget.takePrompt(1, headers);
        assertThat(limited).containsExactly(Limit.TOKENS);
    }

    @Test
    void aPromptThatNeverFitsIsntWorthATry() {
        KeyBudget budget = budget(0, 600, 0);
        budget.begin(headers);
        assertRefused(() -> budget.takePrompt(601, headers), "can't be served however long you wait");
        assertThat(headers.get("x-should-retry")).isEqualTo("false");
        budget.takePrompt(600, headers);
    }

    @Test
    void aPromptThatWasntTakenInIsGivenBack() {
        KeyBudget budget = budget(0, 600, 0);
        budget.takePrompt(600, headers);
        budget.giveBackPrompt(600);
        budget.giveBackPrompt(600); // a bucket holds no more than a minute's
        budget.takePrompt(600, headers);
        assertThat(headers.get("x-ratelimit-remaining-tokens")).isEqualTo("0");
    }

    @Test
    void whatRunsIsCountedAndFreedAgain() {
        KeyBudget budget = budget(1, 0, 2);
        budget.begin(headers);
        assertRefused(() -> budget.begin(headers), "1 requests in a minute");
        pass(60);
        budget.begin(headers); // the refused one isn't counted as running
        pass(60);
        assertRefused(() -> budget.begin(headers), "2 requests at once");
        budget.end();
        budget.begin(headers); // the refused one took none of the minute's
        assertThat(limited).containsExactly(Limit.REQUESTS, Limit.CONCURRENCY);
    }

    @ParameterizedTest
    @CsvSource({
        "0,0ms",
        "1,1ms",
        "17000000,17ms",
        "999999999,1s",
        "1000000000,1s",
        "1500000000,1.500s",
        "59050000000,59.050s",
        "60000000000,1m0s",
        "361000000000,6m1s",
        "3600000000000,60m0s"
    })
    void timesAreWrittenAsOpenAiWritesThem(long duration, String text) {
        assertThat(KeyBudget.duration(duration)).isEqualTo(text);
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    private KeyBudget budget(int requests, int tokens, int concurrent) {
        return new KeyBudget(
                new KeyLimits(requests, tokens, concurrent), () -> nanos, limited::add, new AtomicInteger());
    }

    private static void assertRefused(Runnable attempt, String sentence) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(ApiError.class, error -> {
                    assertThat(error.status()).isEqualTo(429);
                    assertThat(error.code()).isEqualTo("rate_limit_exceeded");
                })
                .hasMessageContaining(sentence);
    }
}
