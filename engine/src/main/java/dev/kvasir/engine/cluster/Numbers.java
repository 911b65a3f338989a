package dev.kvasir.engine.cluster;

import com.hazelcast.map.IMap;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Gives nodes their numbers: the map {@code kvasir.numbers}, from a number to the sealed incarnation that has it. Nothing is ever removed from it: 37 bytes
 * for each start of a node.
 */
final class Numbers {
    /*
     * A counter would hand out the same numbers in both halves of a parted cluster. So a number is drawn from 2^31 and claimed by putIfAbsent: in one half
     * nobody gets it twice, and two halves that start n nodes each while they are parted draw a common one with probability n^2 / 2^31 (100 each: 5 in a
     * million). If that happens it shows: the claims are merged, the larger half's stay, and who finds another's incarnation under its number ends. Peers
     * never take one incarnation for the other: everything that a node says has its incarnation under its seal.
     */
    private static final byte VERSION = 1;
    private static final int BYTES = 1 + Incarnation.BYTES + Seal.BYTES;
    private static final int TRIES = 100;

    private final IMap<Object, Object> claims;
    private final Seal seal;

    Numbers(IMap<Object, Object> claims, Seal seal) {
        this.claims = claims;
        this.seal = seal;
    }

    /** Returns a number that nobody has had, with a new life. */
    Incarnation claim(RandomGenerator random) {
        for (int i = 0; i < TRIES; i++) {
            Incarnation drawn = new Incarnation(
                    1 + random.nextInt(Integer.MAX_VALUE), new UUID(random.nextLong(), random.nextLong()));
            if (claims.putIfAbsent(drawn.node(), encode(drawn)) == null) {
                return drawn;
            }
        }
        throw new IllegalStateException("none of " + TRIES + " numbers was free");
    }

    /** Claims a number again where the claim is gone or was overwritten by who doesn't know the secret; returns whether it's this node's still. */
    boolean isStillOurs(Incarnation own) {
        Object claim = claims.putIfAbsent(own.node(), encode(own));
        if (claim == null) {
            return true;
        }
        try {
            if (claim instanceof byte[] bytes) {
                ByteBuffer from = RefusedException.open(bytes, BYTES, BYTES, VERSION, seal, new byte[0]);
                return Incarnation.read(from).equals(own);
            }
        } catch (RefusedException | IllegalArgumentException e) {
            // A stranger's.
        }
        claims.set(own.node(), encode(own));
        return true;
    }

    private byte[] encode(Incarnation incarnation) {
        ByteBuffer to = ByteBuffer.allocate(BYTES).put(VERSION);
        incarnation.write(to);
        return seal.close(to);
    }
}
