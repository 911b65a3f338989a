package dev.kvasir.engine.wire;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-128 in Galois/counter mode (NIST SP 800-38D) over the records of one direction of one link. The key is that direction's alone, so that the
 * sequence serves as nonce and never comes twice.
 */
final class RecordCipher {
    static final int KEY_BYTES = 16;

    private static final int NONCE_BYTES = 12;

    private final Cipher cipher;
    private final SecretKeySpec key;
    private final byte[] nonce = new byte[NONCE_BYTES];

    /** @param key of {@link #KEY_BYTES} bytes */
    RecordCipher(byte[] key) {
        this.key = new SecretKeySpec(key, 0, KEY_BYTES, "AES");
        try {
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES/GCM", e);
        }
    }

    /**
     * Appends a record: header, encrypted text, tag.
     *
     * @param text of {@code header.length()} bytes, which are read to their limit
     * @param to with room for {@link RecordHeader#cost()} bytes
     */
    void seal(RecordHeader header, ByteBuffer text, ByteBuffer to) {
        ByteBuffer clear = to.duplicate();
        header.encode(to);
        clear.limit(to.position());
        try {
            begin(Cipher.ENCRYPT_MODE, header.sequence());
            cipher.updateAAD(clear);
            cipher.doFinal(text, to);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal record " + header.sequence(), e);
        }
    }

    /**
     * Decrypts a record if it is whole.
     *
     * @param clear the header as it came
     * @param sealed text and tag
     * @param to where the text goes, with room for it; what is there afterwards is undefined if this throws
     */
    void open(long sequence, ByteBuffer clear, ByteBuffer sealed, ByteBuffer to) throws DroppedException {
        try {
            begin(Cipher.DECRYPT_MODE, sequence);
            cipher.updateAAD(clear);
            cipher.doFinal(sealed, to);
        } catch (AEADBadTagException e) {
            throw new DroppedException(Drop.BAD_TAG, "record " + sequence + " was altered");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot open record " + sequence, e);
        }
    }

    private void begin(int mode, long sequence) throws GeneralSecurityException {
        ByteBuffer.wrap(nonce).putLong(NONCE_BYTES - Long.BYTES, sequence);
        cipher.init(mode, key, new GCMParameterSpec(8 * RecordHeader.TAG_BYTES, nonce));
    }
}
