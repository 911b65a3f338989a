package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.testing.RandomizedTest;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The handshake as messages, with an attacker between. */
class HandshakeTest {
    private final SplittableRandom random = new SplittableRandom(11);
    private final Credentials credentials = new Credentials(TestNode.SECRET, TestNode.IDENTITY);

    private byte[] nonce() {
        return TestNode.random(random, Handshake.NONCE_BYTES);
    }

    private Handshake.Initiator initiator(int self, int peer) {
        return new Handshake.Initiator(credentials, self, peer, nonce());
    }

    private Handshake.Responder responder(int self) {
        return new Handshake.Responder(credentials, self, number -> number != 9, nonce());
    }

    private static void assertRefused(Refused reason, Handshake side, byte[] message) {
        assertThatThrownBy(() -> side.onMessage(message))
                .isInstanceOf(RefusedException.class)
                .extracting(e -> ((RefusedException) e).reason())
                .isEqualTo(reason);
        assertThatThrownBy(side::session).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void bothSidesAgreeOnKeysThatDifferByDirectionAndLink() throws Exception {
        Handshake.Session before = null;
        for (int i = 0; i < 2; i++) {
            Handshake.Initiator initiator = initiator(2, 1);
            Handshake.Responder responder = responder(1);
            byte[] challenge = responder.onMessage(initiator.hello());
            assertThat(responder.onMessage(initiator.onMessage(challenge))).isEmpty();
            assertThat(initiator.expected()).isZero();
            assertThat(responder.expected()).isZero();
            Handshake.Session one = initiator.session();
            Handshake.Session other = responder.session();
            assertThat(one.peer()).isEqualTo(1);
            assertThat(other.peer()).isEqualTo(2);
            assertThat(one.sendKey()).isEqualTo(other.receiveKey()).isNotEqualTo(one.receiveKey());
            assertThat(one.receiveKey()).isEqualTo(other.sendKey());
            assertThat(one.toString()).isEqualTo("Session[1]");
            if (before != null) {
                assertThat(one.sendKey()).isNotEqualTo(before.sendKey());
            }
            before = one;
        }
    }

    @Test
    void anotherSecretIsNoticedByWhoeverHearsTheFirstTag() throws Exception {
        byte[] secret = TestNode.SECRET.clone();
        secret[31] ^= 1;
        Credentials wrong = new Credentials(secret, TestNode.IDENTITY);
        Handshake.Initiator stranger = new Handshake.Initiator(wrong, 2, 1, nonce());
        Handshake.Responder responder = responder(1);
        byte[] challenge = responder.onMessage(stranger.hello());
        assertRefused(Refused.WRONG_SECRET, stranger, challenge);
        byte[] guess = new byte[responder.expected()];
        System.arraycopy(challenge, 0, guess, 0, 6);
        guess[7] = 3; // a proof's head with a tag of zeros
        assertRefused(Refused.WRONG_SECRET, responder, guess);
    }

    @Test
    void anotherIdentityIsToldFromAnotherSecret() throws Exception {
        Credentials other = new Credentials(TestNode.SECRET, "cluster/another model");
        Handshake.Initiator initiator = new Handshake.Initiator(other, 2, 1, nonce());
        byte[] challenge = responder(1).onMessage(initiator.hello());
        assertRefused(Refused.WRONG_IDENTITY, initiator, challenge);
    }

    @Test
    void numbersMustBeWhatTheOtherSideThinks() {
        assertRefused(Refused.WRONG_NUMBER, responder(1), initiator(2, 3).hello());
        assertRefused(Refused.WRONG_NUMBER, responder(2), initiator(1, 2).hello()); // the wrong one connects
        assertRefused(Refused.WRONG_NUMBER, responder(2), initiator(2, 2).hello());
        assertRefused(Refused.WRONG_NUMBER, responder(2), initiator(-5, 2).hello());
        assertRefused(Refused.UNKNOWN_NODE, responder(1), initiator(9, 1).hello());
    }

    @Test
    void aManInTheMiddleCannotPutInAnotherNumber() throws Exception {
        Handshake.Initiator initiator = initiator(2, 1);
        byte[] hello = initiator.hello();
        hello[11] = 3; // says to be node 3
        Handshake.Responder responder = responder(1);
        byte[] challenge = responder.onMessage(hello);
        challenge[15] = 2; // and tells the initiator that it was understood
        assertRefused(Refused.WRONG_SECRET, initiator, challenge);
    }

    @Test
    void tagsThatComeBackToTheirMakerProveNothing() throws Exception {
        Handshake.Initiator initiator = initiator(2, 1);
        Handshake.Responder responder = responder(1);
        byte[] challenge = responder.onMessage(initiator.hello());
        byte[] reflected = new byte[responder.expected()];
        System.arraycopy(challenge, 0, reflected, 0, 8);
        reflected[7] = 3;
        System.arraycopy(challenge, challenge.length - 64, reflected, 8, 64);
        assertRefused(Refused.WRONG_SECRET, responder, reflected);
        byte[] hello = initiator(2, 1).hello(); // its own words as an answer to it
        byte[] answer = new byte[initiator.expected()];
        System.arraycopy(hello, 0, answer, 0, hello.length);
        assertRefused(Refused.MALFORMED, initiator, answer);
    }

    @Test
    void whatWasRecordedIsWorthNothingAgain() throws Exception {
        Handshake.Initiator initiator = initiator(2, 1);
        byte[] hello = initiator.hello();
        byte[] challenge = responder(1).onMessage(hello);
        byte[] proof = initiator.onMessage(challenge);
        Handshake.Responder later = responder(1);
        assertThat(later.onMessage(hello)).isNotEqualTo(challenge);
        assertRefused(Refused.WRONG_SECRET, later, proof);
        Handshake.Initiator laterToo = initiator(2, 1);
        laterToo.hello();
        assertRefused(Refused.WRONG_SECRET, laterToo, challenge);
    }

    @Test
    void versionAndMagicAreChecked() throws Exception {
        byte[] hello = initiator(2, 1).hello();
        hello[5] = 2;
        assertRefused(Refused.VERSION, responder(1), hello);
        hello[0] = 'X';
        assertRefused(Refused.MALFORMED, responder(1), hello);
        byte[] preamble = Handshake.preamble(true);
        Handshake.checkPreamble(preamble, true);
        assertThatThrownBy(() -> Handshake.checkPreamble(preamble, false)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> Handshake.checkPreamble(Handshake.preamble(false), true))
                .as("nobody who expects TLS is talked out of it")
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> Handshake.checkPreamble("HTTP/1.1".getBytes(StandardCharsets.US_ASCII), false))
                .isInstanceOf(RefusedException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15})
    void shortSecretsAreRefused(int bytes) {
        assertThatThrownBy(() -> new Credentials(new byte[bytes], "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @RandomizedTest(5)
    void noMessageWithAFlippedBitIsTaken(SplittableRandom seeded) throws Exception {
        flipBits(seeded, 300);
    }

    @RandomizedTest(5)
    @Tag("nightly")
    void noMessageWithAFlippedBitIsTakenInManyTries(SplittableRandom seeded) throws Exception {
        flipBits(seeded, 30_000);
    }

    /** Flips one bit of one message: some side refuses, before any of the two could send a record. */
    private void flipBits(SplittableRandom seeded, int tries) throws Exception {
        for (int i = 0; i < tries; i++) {
            Handshake.Initiator initiator = initiator(2, 1);
            Handshake.Responder responder = responder(1);
            int which = seeded.nextInt(3);
            try {
                byte[] challenge = responder.onMessage(flipped(initiator.hello(), which == 0, seeded));
                byte[] proof = initiator.onMessage(flipped(challenge, which == 1, seeded));
                responder.onMessage(flipped(proof, which == 2, seeded));
                throw new AssertionError("try " + i + ": message " + which + " was taken");
            } catch (RefusedException e) {
                assertThatThrownBy(responder::session).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    private static byte[] flipped(byte[] message, boolean flip, SplittableRandom seeded) {
        byte[] copy = message.clone();
        if (flip) {
            copy[seeded.nextInt(copy.length)] ^= (byte) (1 << seeded.nextInt(8));
        }
        return copy;
    }

    @RandomizedTest(3)
    void randomBytesAreNoHandshake(SplittableRandom seeded) {
        for (int i = 0; i < 3_000; i++) {
            Handshake side = seeded.nextBoolean() ? responder(1) : initiator(2, 1);
            byte[] noise = TestNode.random(seeded, side.expected());
            if (seeded.nextBoolean()) {
                System.arraycopy(Handshake.preamble(false), 0, noise, 0, 6); // magic and version are right
            }
            assertThatThrownBy(() -> side.onMessage(noise)).isInstanceOf(RefusedException.class);
        }
    }
}
