package dev.kvasir.engine.cluster;

/** Names of what is kept in Hazelcast; {@code conf/hazelcast.yaml} has them too. */
final class Maps {
    static final String NUMBERS = "kvasir.numbers";
    static final String NODES = "kvasir.nodes";
    static final String SEGMENTS = "kvasir.segments";

    private Maps() {}
}
