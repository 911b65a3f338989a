package dev.kvasir.engine.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One side of the handshake, without sockets: give it the messages that come, of {@link #expected} bytes each, and send what it returns.
 *
 * <p>A tag covers all that was said before, and so both numbers, both nonces and the version, under a role. Tags of one connection or one side are
 * therefore worth nothing on another, and whoever passes messages on can't put in other numbers. Who the numbers belong to isn't proven: every node
 * with the secret can take any.
 */
abstract class Handshake {
    static final int NONCE_BYTES = 32;
    static final int PREAMBLE_BYTES = 8;

    private static final int MAGIC = 0x4b565352; // KVSR
    private static final short VERSION = 1;
    private static final short HELLO = 1;
    private static final short CHALLENGE = 2;
    private static final short PROOF = 3;
    private static final int HEAD_BYTES = 8; // magic, version, type
    private static final int HELLO_BYTES = HEAD_BYTES + 2 * Integer.BYTES + NONCE_BYTES;
    private static final int CHALLENGE_BYTES = HELLO_BYTES + 2 * Credentials.DIGEST_BYTES;
    private static final int PROOF_BYTES = HEAD_BYTES + 2 * Credentials.DIGEST_BYTES;
    private static final String INITIATOR = "initiator";
    private static final String RESPONDER = "responder";

    /**
     * What both sides know afterwards.
     *
     * @param peer the other node's number
     * @param sendKey of the records that go out
     * @param receiveKey of those that come in
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Session(int peer, byte[] sendKey, byte[] receiveKey) {
        @Override
        public String toString() {
            return "Session[" + peer + "]"; // no keys in logs
        }
    }

    final Credentials credentials;
    final int self;
    final byte[] nonce;
    private final ByteArrayOutputStream transcript = new ByteArrayOutputStream();

    @Nullable
    Session session;

    private Handshake(Credentials credentials, int self, byte[] nonce) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException("a nonce of " + nonce.length + " bytes");
        }
        this.credentials = credentials;
        this.self = self;
        this.nonce = nonce;
    }

    /** Returns what a responder says first, before TLS. */
    static byte[] preamble(boolean tls) {
        return ByteBuffer.allocate(PREAMBLE_BYTES)
                .putInt(MAGIC)
                .putShort(VERSION)
                .put((byte) (tls ? 1 : 0))
                .array();
    }

    /** Checks a preamble. Whoever expects TLS isn't talked out of it. */
    static void checkPreamble(byte[] preamble, boolean tls) throws RefusedException {
        ByteBuffer from = ByteBuffer.wrap(preamble);
        checkStart(from);
        if (from.get() != (tls ? 1 : 0)) {
            throw new RefusedException(Refused.TLS, "one of both wants TLS");
        }
    }

    /** Returns the length of the message that must come now, in bytes; 0 when there is none. */
    abstract int expected();

    /** Takes a message of {@link #expected} bytes and returns the answer, which may be empty. After an exception there is no way on. */
    abstract byte[] onMessage(byte[] message) throws RefusedException;

    /** Returns what was agreed on, once nothing more is {@link #expected}. */
    final Session session() {
        if (session == null) {
            throw new IllegalStateException("the handshake isn't through");
        }
        return session;
    }

    private static void checkStart(ByteBuffer from) throws RefusedException {
        int magic = from.getInt();
        if (magic != MAGIC) {
            throw new RefusedException(Refused.MALFORMED, "magic " + magic);
        }
        short version = from.getShort();
        if (version != VERSION) {
            throw new RefusedException(Refused.VERSION, "version " + version);
        }
    }

    final ByteBuffer parse(byte[] message, short type) throws RefusedException {
        if (message.length != expected()) {
            throw new IllegalArgumentException(message.length + " bytes, not " + expected());
        }
        ByteBuffer from = ByteBuffer.wrap(message);
        checkStart(from);
        short actual = from.getShort();
        if (actual != type) {
            throw new RefusedException(Refused.MALFORMED, "message " + actual + " instead of " + type);
        }
        return from;
    }

    static ByteBuffer begin(int bytes, short type) {
        return ByteBuffer.allocate(bytes).putInt(MAGIC).putShort(VERSION).putShort(type);
    }

    final void heard(byte[] message, int bytes) {
        transcript.write(message, 0, bytes);
    }

    final byte[] transcript() {
        return transcript.toByteArray();
    }

    /** Ends a message with the identity check and the tag over everything up to there. */
    final byte[] sign(ByteBuffer message, String role, byte[] firstNonce, byte[] secondNonce) {
        message.put(credentials.identityCheck(role, firstNonce, secondNonce));
        heard(message.array(), message.position());
        byte[] tag = credentials.proof(role, transcript());
        message.put(tag);
        heard(tag, tag.length);
        return message.array();
    }

    /** Checks what {@link #sign} has put there: first the tag, for without the secret the identity says nothing. */
    final void verify(byte[] message, String role, byte[] firstNonce, byte[] secondNonce) throws RefusedException {
        int end = message.length - Credentials.DIGEST_BYTES;
        heard(message, end);
        byte[] tag = Arrays.copyOfRange(message, end, message.length);
        if (!MessageDigest.isEqual(tag, credentials.proof(role, transcript()))) {
            throw new RefusedException(Refused.WRONG_SECRET, "the " + role + "'s tag is wrong");
        }
        heard(tag, tag.length);
        byte[] check = Arrays.copyOfRange(message, end - Credentials.DIGEST_BYTES, end);
        if (!MessageDigest.isEqual(check, credentials.identityCheck(role, firstNonce, secondNonce))) {
            throw new RefusedException(Refused.WRONG_IDENTITY, "the " + role + " serves something else");
        }
    }

    /** The side that has connected. */
    static final class Initiator extends Handshake {
        private final int peer;

        /** @param nonce random, never used before */
        Initiator(Credentials credentials, int self, int peer, byte[] nonce) {
            super(credentials, self, nonce);
            this.peer = peer;
        }

        /** Returns the first message, to be sent before any is taken; once. */
        byte[] hello() {
            byte[] hello = begin(HELLO_BYTES, HELLO)
                    .putInt(self)
                    .putInt(peer)
                    .put(nonce)
                    .array();
            heard(hello, hello.length);
            return hello;
        }

        @Override
        int expected() {
            return session == null ? CHALLENGE_BYTES : 0;
        }

        @Override
        byte[] onMessage(byte[] message) throws RefusedException {
            ByteBuffer from = parse(message, CHALLENGE);
            int responder = from.getInt();
            int initiator = from.getInt();
            if (responder != peer || initiator != self) {
                throw new RefusedException(
                        Refused.WRONG_NUMBER, responder + " answers " + initiator + ", not " + peer + " " + self);
            }
            byte[] other = new byte[NONCE_BYTES];
            from.get(other);
            verify(message, RESPONDER, nonce, other);
            byte[] proof = sign(begin(PROOF_BYTES, PROOF), INITIATOR, nonce, other);
            byte[] all = transcript();
            session = new Session(peer, credentials.recordKey(INITIATOR, all), credentials.recordKey(RESPONDER, all));
            return proof;
        }
    }

    /** The side that was connected to. */
    static final class Responder extends Handshake {
        private final IntPredicate isKnown;
        private int peer; // 0 before the hello
        private byte[] other = new byte[0]; // the initiator's nonce

        /**
         * @param isKnown whether there is a node of that number
         * @param nonce random, never used before
         */
        Responder(Credentials credentials, int self, IntPredicate isKnown, byte[] nonce) {
            super(credentials, self, nonce);
            this.isKnown = isKnown;
        }

        @Override
        int expected() {
            if (session != null) {
                return 0;
            }
            return peer == 0 ? HELLO_BYTES : PROOF_BYTES;
        }

        @Override
        byte[] onMessage(byte[] message) throws RefusedException {
            return peer == 0 ? onHello(message) : onProof(message);
        }

        private byte[] onHello(byte[] message) throws RefusedException {
            ByteBuffer from = parse(message, HELLO);
            int initiator = from.getInt();
            int responder = from.getInt();
            if (responder != self || initiator <= self) { // the higher number connects
                throw new RefusedException(Refused.WRONG_NUMBER, initiator + " asks for " + responder);
            }
            if (!isKnown.test(initiator)) {
                throw new RefusedException(Refused.UNKNOWN_NODE, "there is no node " + initiator);
            }
            peer = initiator;
            other = new byte[NONCE_BYTES];
            from.get(other);
            heard(message, message.length);
            ByteBuffer challenge =
                    begin(CHALLENGE_BYTES, CHALLENGE).putInt(self).putInt(peer).put(nonce);
            return sign(challenge, RESPONDER, other, nonce);
        }

        private byte[] onProof(byte[] message) throws RefusedException {
            parse(message, PROOF);
            verify(message, INITIATOR, other, nonce);
            byte[] all = transcript();
            session = new Session(peer, credentials.recordKey(RESPONDER, all), credentials.recordKey(INITIATOR, all));
            return new byte[0];
        }
    }
}
