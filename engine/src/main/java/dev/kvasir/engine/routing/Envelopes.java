package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingCounters.Count;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts messages to one node and opens those from others. Belongs to the loop.
 *
 * <pre>
 * version 1 | sender 4 | receiver 4 | life 8 | sequence 8 | message, encrypted | tag 16
 * </pre>
 */
final class Envelopes {
    /*
     * AES-256-GCM. Prompts and answers pass the event bus, whose registry is Hazelcast's: a member without the secret can have messages sent to itself, and
     * is to read nothing there.
     *
     * Each process encrypts with a key of its own, HMAC of its number and its life under the cluster's, and with the sequence as nonce: a number is never
     * used twice but by two halves of a network that has parted, and there lives differ. So no nonce is used twice with a key.
     *
     * Sequences rise. What is whole and doesn't rise is a replay; so is another life than the one that was first heard of a number.
     */

    /** A submission of the longest prompt fits. */
    static final int LONGEST = 8 << 20;

    private static final byte VERSION = 1;
    private static final int HEADER = 1 + 4 + 4 + 8 + 8;
    private static final int TAG = 16;
    private static final int NONCE = 12;
    private static final String HMAC = "HmacSHA256";
    private static final int MOST_SENDERS = 4096;

    private final int self;
    private final long life;
    private final SecretKeySpec clusterKey;
    private final SecretKeySpec ownKey;
    private final RoutingCounters counters;
    private final Cipher cipher;
    private long sent;

    /** Who was heard; it outlives the node's being a peer, so that nothing can be said again when it returns. */
    private final Map<Integer, Sender> senders = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Sender> eldest) {
            return size() > MOST_SENDERS;
        }
    };

    private static final class Sender {
        final long life;
        final SecretKeySpec key;
        long last;

        Sender(long life, SecretKeySpec key) {
            this.life = life;
            this.key = key;
        }
    }

    /** A message and who says it. */
    record Opened(int sender, RoutingMessage message) {}

    /**
     * Creates them.
     *
     * @param life tells this process from any other that may have its number, by mistake
     * @param key the cluster's for this purpose, 32 bytes
     */
    Envelopes(int self, long life, byte[] key, RoutingCounters counters) {
        this.self = self;
        this.life = life;
        this.counters = counters;
        clusterKey = new SecretKeySpec(key, HMAC);
        ownKey = keyOf(self, life);
        try {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    private SecretKeySpec keyOf(int sender, long senderLife) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(clusterKey);
            mac.update(
                    ByteBuffer.allocate(12).putInt(sender).putLong(senderLife).flip());
            return new SecretKeySpec(mac.doFinal(), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA256", e);
        }
    }

    private static GCMParameterSpec nonce(long sequence) {
        return new GCMParameterSpec(
                TAG * Byte.SIZE,
                ByteBuffer.allocate(NONCE).putInt(0).putLong(sequence).array());
    }

    byte[] close(int receiver, RoutingMessage message) {
        return close(receiver, MessageCodec.encode(message));
    }

    /** Encrypts the bytes of a message. */
    byte[] close(int receiver, byte[] body) {
        sent++;
        byte[] all = new byte[HEADER + body.length + TAG];
        ByteBuffer.wrap(all)
                .put(VERSION)
                .putInt(self)
                .putInt(receiver)
                .putLong(life)
                .putLong(sent);
        try {
            cipher.init(Cipher.ENCRYPT_MODE, ownKey, nonce(sent));
            cipher.updateAAD(all, 0, HEADER);
            cipher.doFinal(body, 0, body.length, all, HEADER);
            return all;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a message wasn't encrypted", e);
        }
    }

    /** Opens one; empty if it's no good, which is counted. */
    Optional<Opened> open(byte[] bytes) {
        if (bytes.length <= HEADER + TAG || bytes.length > LONGEST) {
            return drop(Count.DROPPED_LENGTH);
        }
        if (bytes[0] != VERSION) {
            return drop(Count.DROPPED_VERSION);
        }
        ByteBuffer header = ByteBuffer.wrap(bytes, 1, HEADER - 1);
        int number = header.getInt();
        int receiver = header.getInt();
        long senderLife = header.getLong();
        long sequence = header.getLong();
        Sender known = senders.get(number);
        Sender sender =
                known != null && known.life == senderLife ? known : new Sender(senderLife, keyOf(number, senderLife));
        byte[] body;
        try {
            cipher.init(Cipher.DECRYPT_MODE, sender.key, nonce(sequence));
            cipher.updateAAD(bytes, 0, HEADER);
            body = cipher.doFinal(bytes, HEADER, bytes.length - HEADER);
        } catch (GeneralSecurityException e) {
            return drop(Count.DROPPED_SEAL);
        }
        if (receiver != self || number == self || number < 1) {
            return drop(Count.DROPPED_RECEIVER);
        }
        if (sequence <= sender.last || (known != null && known != sender)) {
            return drop(Count.DROPPED_REPLAY);
        }
        sender.last = sequence;
        senders.put(number, sender);
        return read(number, ByteBuffer.wrap(body));
    }

    private Optional<Opened> read(int sender, ByteBuffer from) {
        try {
            RoutingMessage message = MessageCodec.decode(from);
            return from.hasRemaining() ? drop(Count.DROPPED_VALUE) : Optional.of(new Opened(sender, message));
        } catch (RuntimeException e) {
            return drop(Count.DROPPED_VALUE); // whatever a buffer or a record's own checks threw
        }
    }

    private Optional<Opened> drop(Count reason) {
        counters.add(reason);
        return Optional.empty();
    }
}
