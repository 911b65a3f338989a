package dev.kvasir.pool.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TenantSaltsTest {
    private static final byte[] SECRET =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    @Test
    void aSaltIsTheHmacOfTheNameUnderTheSecret() {
        TenantSalts salts = new TenantSalts(SECRET);
        assertThat(HexFormat.of().formatHex(salts.salt("acme")))
                .isEqualTo("c6667e9ad5c0f33e81dccf1001255258c5513a740554a79356a8554b7a09b9b4");
        assertThat(HexFormat.of().formatHex(salts.salt("Zoë 北")))
                .isEqualTo("a4ba4d953f77fb2f26e642f8c7353fefe56929089b4e9120a28595501ac45588");
    }

    @Test
    void nodesWithTheSameSecretAgreeAndOthersDoNot() {
        byte[] other = SECRET.clone();
        other[31] ^= 1;
        assertThat(new TenantSalts(SECRET).salt("acme")).isEqualTo(new TenantSalts(SECRET.clone()).salt("acme"));
        assertThat(new TenantSalts(other).salt("acme")).isNotEqualTo(new TenantSalts(SECRET).salt("acme"));
    }

    @Test
    void keepsItsOwnCopyOfTheSecret() {
        byte[] secret = SECRET.clone();
        TenantSalts salts = new TenantSalts(secret);
        byte[] before = salts.salt("acme");
        secret[0] ^= 1;
        assertThat(salts.salt("acme")).isEqualTo(before);
    }

    @Test
    void refusesASecretOfAnotherLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TenantSalts(new byte[16]))
                .withMessage("the secret has 16 bytes, not 32");
    }

    @Test
    void refusesANameThatWouldCollideWithAnotherOne() {
        TenantSalts salts = new TenantSalts(SECRET);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> salts.salt("a\ud800"))
                .withMessage("a tenant's name of 2 characters is not Unicode text");
    }
}
