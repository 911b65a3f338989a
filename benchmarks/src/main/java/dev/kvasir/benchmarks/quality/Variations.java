package dev.kvasir.benchmarks.quality;

import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.codec.SegmentCodec;
import java.nio.ByteBuffer;

/** The variations that are compared. */
final class Variations {
    private Variations() {}

    /** Leaves the prefix as it is. */
    static Variation none() {
        return new Variation() {
            @Override
            public String name() {
                return "exact";
            }

            @Override
            public void apply(Steps steps, Conversation conversation, int prefixTokens) {
                // Nothing.
            }
        };
    }

    /**
     * Computes the prefix again, a segment a step: as exact as before, in another order of summation. What that changes is the noise that any other
     * variation has to be seen against.
     */
    static Variation otherChunks(int segmentTokens) {
        return new Variation() {
            @Override
            public String name() {
                return "other chunks";
            }

            @Override
            public void apply(Steps steps, Conversation conversation, int prefixTokens) {
                for (int from = 0; from < prefixTokens; from += segmentTokens) {
                    steps.compute(conversation, from, from + segmentTokens);
                }
            }
        };
    }

    /** Sends every segment of the prefix through a codec. */
    static Variation coded(String name, SegmentCodec codec, SlotStorage storage, int segmentTokens) {
        ByteBuffer coded = ByteBuffer.allocateDirect(codec.codedBytes());
        return new Variation() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void apply(Steps steps, Conversation conversation, int prefixTokens) {
                for (int segment = 0; segment < prefixTokens / segmentTokens; segment++) {
                    int slot = conversation.slots()[segment];
                    codec.encode(storage.slot(slot), coded.clear());
                    codec.decode(coded.flip(), storage.slot(slot));
                }
            }
        };
    }
}
