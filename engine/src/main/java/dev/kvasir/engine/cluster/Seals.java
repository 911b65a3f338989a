package dev.kvasir.engine.cluster;

import dev.kvasir.engine.config.ClusterSecret;

/** A seal for each kind of bytes, so that none is taken for another. */
record Seals(Seal status, Seal delta, Seal segment, Seal number) {
    static Seals of(ClusterSecret secret) {
        return new Seals(
                new Seal(secret, "status"),
                new Seal(secret, "delta"),
                new Seal(secret, "segment"),
                new Seal(secret, "number"));
    }
}
