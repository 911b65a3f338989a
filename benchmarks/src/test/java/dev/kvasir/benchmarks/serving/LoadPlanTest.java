package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class LoadPlanTest {
    @Command(name = "bench")
    private static final class Options {
        @Mixin
        private final LoadOptions load = new LoadOptions();
    }

    private static LoadPlan plan(String line, long nonce) {
        Options options = new Options();
        new CommandLine(options).parseArgs(line.isEmpty() ? new String[0] : line.split(" "));
        return LoadPlan.of(options.load, nonce);
    }

    private static LoadPlan plan(String line) {
        return plan(line, 99);
    }

    @Test
    void withoutOptionsItIsAHundredRequestsOneAfterTheOther() {
        LoadPlan plan = plan("");
        assertThat(plan.limit()).isEqualTo(LoadLimit.ofRequests(100));
        assertThat(plan.rate()).isNull();
        assertThat(plan.concurrency()).isEqualTo(1);
        assertThat(plan.ignoreEos()).isTrue();
        assertThat(plan.server()).isEqualTo("http://127.0.0.1:8000");
        assertThat(plan.endpoint()).isEqualTo(Endpoint.COMPLETIONS);
    }

    @Test
    void aDurationAloneLimitsNoRequests() {
        assertThat(plan("--duration 2.5 --timeout 3").limit())
                .isEqualTo(new LoadLimit(Integer.MAX_VALUE, 2_500_000_000L));
        assertThat(plan("--duration 2.5 --timeout 3").timeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(plan("--duration 1 --requests 7").limit()).isEqualTo(new LoadLimit(7, 1_000_000_000L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"})
    void takesTheServersAddressWithAndWithoutV1(String url) {
        assertThat(plan("--url " + url).server()).isEqualTo("http://h:1");
    }

    @Test
    void aSecondRunHasOtherPromptsButTheSameArrivals() {
        assertThat(plan("--seed 5", 1).promptSeed())
                .isNotEqualTo(plan("--seed 5", 2).promptSeed())
                .isEqualTo(plan("--seed 5", 1).promptSeed());
        assertThat(plan("--seed 5", 1).seed()).isEqualTo(plan("--seed 5", 2).seed());
    }

    @Test
    void aRepeatableRunHasTheSamePrompts() {
        assertThat(plan("--seed 5 --repeatable", 1).promptSeed())
                .isEqualTo(plan("--seed 5 --repeatable", 2).promptSeed())
                .isNotEqualTo(plan("--seed 6 --repeatable", 1).promptSeed());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--rate 1 --concurrency 1",
                "--rate 0",
                "--rate NaN",
                "--concurrency 0",
                "--requests 0",
                "--duration 0",
                "--timeout 0",
                "--output-tokens 0",
                "--input-tokens 0",
                "--shared-prefix-tokens -1",
                "--prefix-groups 0",
                "--temperature -1",
                "--warmup -1",
                "--token-ids --endpoint chat",
                "--vocab 500",
                "--token-ids --vocab 3",
                "--goodput ttft",
                "--url ftp://h"
            })
    void refusesWhatMakesNoSense(String line) {
        assertThatThrownBy(() -> plan(line)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void namesTheRoutesWhereItIsGivenAnother() {
        assertThatThrownBy(() -> plan("--endpoint embeddings"))
                .isInstanceOf(CommandLine.ParameterException.class)
                .hasMessageContaining("'embeddings' is none of chat, completions");
    }

    @Test
    void describesItselfWithoutTheKey() {
        LoadPlan plan = plan("--api-key s3cret --rate 2 --goodput ttft:5 --endpoint chat");
        assertThat(plan.describe() + plan.toJson())
                .doesNotContain("s3cret")
                .contains("Poisson", "\"endpoint\":\"chat\"");
    }
}
