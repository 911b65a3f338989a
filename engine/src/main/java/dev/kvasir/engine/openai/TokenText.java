package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.TokenLogprobs;
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

    /** Returns a token with its log-probability and the most likely ones, as chats have them. */
    public ObjectNode entry(TokenLogprobs at) {
        ObjectNode entry = entry(at.token(), at.logprob());
        ArrayNode top = entry.putArray("top_logprobs");
        for (int i = 0; i < at.topTokens().length; i++) {
            top.add(entry(at.topTokens()[i], at.topLogprobs()[i]));
        }
        return entry;
    }

    private ObjectNode entry(int token, float logprob) {
        ObjectNode node =
                JsonNodeFactory.instance.objectNode().put("token", text(token)).put("logprob", finite(logprob));
        byte[] bytes = bytes(token);
        if (bytes.length == 0) {
            return node.putNull("bytes");
        }
        ArrayNode array = node.putArray("bytes");
        for (byte b : bytes) {
            array.add(b & 0xff);
        }
        return node;
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
