package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.KvDtype;
import org.junit.jupiter.api.Test;

/** Which kernels a model gets, and which models get none. */
class KernelChoiceTest {
    @Test
    void sixteenBitTypesHaveATensorCorePathUpToHeadDim128() {
        assertThat(KernelChoice.of(80, KvDtype.BFLOAT16, 64, false))
                .hasToString("decode partial_attention_bf16_64, prefill prefill_attention_bf16_64 (tensor cores)");
        assertThat(KernelChoice.of(90, KvDtype.FLOAT16, 96, false).prefill()).isEqualTo("prefill_attention_f16_128");
        assertThat(KernelChoice.of(90, KvDtype.FLOAT16, 160, false).hasPrefill())
                .isFalse();
    }

    @Test
    void float32AndInt8TakeThePlainPathForEverything() {
        assertThat(KernelChoice.of(90, KvDtype.FLOAT32, 128, false))
                .hasToString("decode partial_attention_f32_128, prefill partial_attention_f32_128");
        assertThat(KernelChoice.of(90, KvDtype.BFLOAT16, 64, true).decode())
                .isEqualTo("partial_attention_bf16_int8_64");
        assertThat(KernelChoice.of(90, KvDtype.BFLOAT16, 64, true).hasPrefill()).isFalse();
    }

    @Test
    void headDimsAreServedByTheNextWidth() {
        assertThat(KernelChoice.of(80, KvDtype.FLOAT32, 8, false).decode()).endsWith("_32");
        assertThat(KernelChoice.of(80, KvDtype.FLOAT32, 40, false).decode()).endsWith("_64");
        assertThat(KernelChoice.of(80, KvDtype.FLOAT32, 256, false).decode()).endsWith("_256");
    }

    @Test
    void whatNoKernelTakesIsRefused() {
        assertThatThrownBy(() -> KernelChoice.of(80, KvDtype.FLOAT32, 36, false))
                .hasMessageContaining("head dim of 36");
        assertThatThrownBy(() -> KernelChoice.of(80, KvDtype.FLOAT32, 264, false))
                .hasMessageContaining("head dim of 264");
        assertThatThrownBy(() -> KernelChoice.of(75, KvDtype.FLOAT32, 64, false))
                .hasMessageContaining("sm_75");
    }
}
