package dev.kvasir.pool;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SegmentIdentityTest {
    private static final byte[] FINGERPRINT = HexFormat.of().parseHex("00010203ff");
    private static final byte[] SALT = "salt".getBytes(UTF_8);

    @Test
    void rootIsTheDigestOfItsPartsEachAfterItsLength() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[] {0, 0, 0, 22});
        bytes.write("kvasir segment chain 2".getBytes(UTF_8));
        bytes.write(new byte[] {0, 0, 0, 5});
        bytes.write(FINGERPRINT);
        bytes.write(new byte[] {0, 0, 0, 8});
        bytes.write("BFLOAT16".getBytes(UTF_8));
        bytes.write(new byte[] {0, 0, 0, 14});
        bytes.write("theta=500000.0".getBytes(UTF_8));
        bytes.write(new byte[] {0, 0, 0, 4});
        bytes.write(SALT);
        assertThat(SegmentIdentity.root(FINGERPRINT, KvDtype.BFLOAT16, "theta=500000.0", SALT))
                .hasToString(sha256(bytes.toByteArray()));
    }

    @Test
    void childIsTheDigestOfItsParentAndLittleEndianTokensButForTheWordThatNamesTheTenant() throws Exception {
        SegmentId parent = SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "", SALT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(HexFormat.of().parseHex(parent.toString()));
        bytes.write(new byte[] {1, 0, 0, 0, 0x78, 0x56, 0x34, 0x12, -1, -1, -1, -1});
        int[] tokens = {99, 1, 0x12345678, -1, 99};
        String digest = sha256(bytes.toByteArray());
        assertThat(SegmentIdentity.next(parent, tokens, 1, 4))
                .hasToString(digest.substring(0, 48) + parent.toString().substring(48));
        assertThat(SegmentIdentity.tenant(SegmentIdentity.next(parent, tokens, 1, 4)))
                .isEqualTo(SegmentIdentity.tenant(parent));
    }

    @Test
    void anExactRootIsThatOfItsDtypeAndNoOther() {
        SegmentId exact = SegmentIdentity.root(FINGERPRINT, KvDtype.BFLOAT16, "", SALT);
        assertThat(SegmentIdentity.root(FINGERPRINT, "BFLOAT16", "", SALT)).isEqualTo(exact);
        assertThat(SegmentIdentity.root(FINGERPRINT, "BFLOAT16 through int8 1", "", SALT))
                .isNotEqualTo(exact);
    }

    @Test
    void identitiesStayWhatTheyAre() {
        // Nodes and files agree on these: a change of the chain must also change the domain's number.
        SegmentId root = SegmentIdentity.root(new byte[32], KvDtype.FLOAT16, "default", new byte[32]);
        assertThat(root).hasToString("b617dfea65518f541e2e4d203ff04c064a491398fb2bfc578ae57762d2b97531");
        assertThat(SegmentIdentity.next(root, new int[] {1, 2, 3}, 0, 3))
                .hasToString("4b6c0c2b9f7f5d6f5c8b1377f8e20b33f3e1285c8cfbc8ab8ae57762d2b97531");
    }

    @Test
    void aByteThatMovesToTheNextPartChangesTheRoot() {
        SegmentId one = SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "ab", "c".getBytes(UTF_8));
        SegmentId other = SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "a", "bc".getBytes(UTF_8));
        assertThat(one).isNotEqualTo(other);
        assertThat(SegmentIdentity.root(new byte[] {1, 'F'}, KvDtype.FLOAT32, "", SALT))
                .isNotEqualTo(SegmentIdentity.root(new byte[] {1}, KvDtype.FLOAT32, "", SALT));
    }

    @Test
    void everyPartCounts() {
        SegmentId root = SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "rope", SALT);
        assertThat(SegmentIdentity.root(new byte[] {1}, KvDtype.FLOAT32, "rope", SALT))
                .isNotEqualTo(root);
        assertThat(SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT16, "rope", SALT))
                .isNotEqualTo(root);
        assertThat(SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "other", SALT))
                .isNotEqualTo(root);
        assertThat(SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "rope", new byte[4]))
                .isNotEqualTo(root);
        assertThat(SegmentIdentity.root(FINGERPRINT, KvDtype.FLOAT32, "rope", SALT))
                .isEqualTo(root);
    }

    @Test
    void identityKeepsAllItsBytes() {
        byte[] digest = new byte[32];
        for (int i = 0; i < digest.length; i++) {
            digest[i] = (byte) (i * 37 + 129);
        }
        assertThat(SegmentId.of(digest).bytes()).isEqualTo(digest);
        assertThat(SegmentId.of(digest)).hasToString(HexFormat.of().formatHex(digest));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SegmentId.of(new byte[31]))
                .withMessage("an identity has 32 bytes, not 31");
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
