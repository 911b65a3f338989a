package dev.kvasir.engine.openai;

import dev.kvasir.runner.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Spells single tokens in log-probabilities. */
public final class TokenText {
    /** JSON has no infinity; this is what OpenAI sends for a token that can't come. */
    private static final float LEAST = -9999f;

    private final Tokenizer tokenizer;

    public TokenText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Returns the token's text, U+FFFD where its bytes are no whole character; a special token's own form. */
    String text(int token) {
        byte[] bytes = bytes(token);
        return bytes.length == 0 ? tokenizer.textOf(token) : new String(bytes, StandardCharsets.UTF_8);
    }

    /** Returns the token's text as the completions API keys by it: {@code bytes:\xe2\x80} where it is no whole character. */
    String key(int token) {
        byte[] bytes = bytes(token);
        if (bytes.length == 0) {
            return tokenizer.textOf(token);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            StringBuilder key = new StringBuilder("bytes:");
            for (byte b : bytes) {
                key.append("\\x")
                        .append(Character.forDigit((b >> 4) & 0xf, 16))
                        .append(Character.forDigit(b & 0xf, 16));
            }
            return key.toString();
        }
    }

    byte[] bytes(int token) {
        return tokenizer.bytesOf(token);
    }

    static float finite(float logprob) {
        return logprob >= LEAST ? logprob : LEAST; // NaN too
    }
}
