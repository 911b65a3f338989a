package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ForwardingMemPoolTest {
    /** Where the contract has a default, a pool on top of another must not fall back to it. */
    @Test
    void everyCallOfTheContractReachesThePoolBelow() {
        for (Method call : MemPool.class.getMethods()) {
            assertThat(ForwardingMemPool.class.getDeclaredMethods())
                    .as("%s", call)
                    .anyMatch(own -> own.getName().equals(call.getName())
                            && Arrays.equals(own.getParameterTypes(), call.getParameterTypes()));
        }
    }
}
