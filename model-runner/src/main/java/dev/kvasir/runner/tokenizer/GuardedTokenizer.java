package dev.kvasir.runner.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A tokenizer in which no text that a client can write is control. Thread-safe. */
final class GuardedTokenizer implements AutoCloseable {
    /*
     * The tokenizer is built from the same JSON with every control text renamed to a secret one, in the added tokens and in the
     * vocabulary. To it "<|im_end|>" is plain text, and the secret name is <|im_end|>, with the same id and the same effect on
     * the text around it. So a prompt is encoded in one piece, and normalisers and pre-tokenisers that look at the whole text
     * (Metaspace adds its space to the first section alone) do what they always do.
     *
     * A name holds 128 random bits that leave the process nowhere: a client can't write it. It has no letters, so no normaliser
     * changes it.
     */
    private static final char OPEN = '\uFDD0';
    private static final char CLOSE = '\uFDD1';
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Map<String, String> secretNames = new HashMap<>();
    private final ControlText control;
    private final NativeTokenizer tokenizer;

    /** @param root the parsed {@code tokenizer.json}; changed */
    GuardedTokenizer(ObjectNode root, Set<String> controlTexts) {
        String secret = new BigInteger(128, RANDOM).toString();
        int index = 0;
        for (String text : controlTexts) {
            secretNames.put(text, OPEN + secret + String.format(Locale.ROOT, "%07d", index++) + CLOSE);
        }
        control = new ControlText(controlTexts);
        renameAddedTokens(root);
        ObjectNode model = (ObjectNode) root.get("model");
        renameVocabulary(model);
        dropMerges(model);
        root.putNull("post_processor");
        tokenizer = new NativeTokenizer(root.toString());
    }

    /** Encodes a prompt in which only the control texts that {@code marker} doesn't break are control. */
    int[] encode(String prompt, char marker) {
        StringBuilder text = new StringBuilder(prompt.length() + 64);
        for (int i = 0; i < prompt.length(); ) {
            char c = prompt.charAt(i);
            int length = c == marker ? 0 : control.unbrokenAt(prompt, i, marker);
            if (length > 0) {
                text.append(secretNames.get(prompt.substring(i, i + length)));
                i += length;
            } else {
                if (c != marker) {
                    text.append(c);
                }
                i++;
            }
        }
        return tokenizer.encode(text.toString(), false);
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private String renamed(String text) {
        return secretNames.getOrDefault(text, text);
    }

    private void renameAddedTokens(ObjectNode root) {
        for (JsonNode added : root.path("added_tokens")) {
            String text = added.path("content").asText();
            if (secretNames.containsKey(text)) {
                // A secret name must be found wherever it stands, or its characters would reach the model.
                ((ObjectNode) added)
                        .put("content", renamed(text))
                        .put("normalized", false)
                        .put("single_word", false);
            }
        }
    }

    private void renameVocabulary(ObjectNode model) {
        JsonNode vocab = model.path("vocab");
        if (vocab instanceof ObjectNode object) {
            for (Map.Entry<String, String> name : secretNames.entrySet()) {
                JsonNode id = object.remove(name.getKey());
                if (id != null) {
                    object.set(name.getValue(), id);
                }
            }
        } else {
            for (JsonNode piece : vocab) {
                if (secretNames.containsKey(piece.path(0).asText())) {
                    ((ArrayNode) piece).set(0, renamed(piece.path(0).asText()));
                }
            }
        }
        if (model.path("unk_token").isTextual()) {
            model.put("unk_token", renamed(model.get("unk_token").asText()));
        }
    }

    /** Merges that would build a control text from plain characters have to go with it. */
    private void dropMerges(ObjectNode model) {
        for (Iterator<JsonNode> merges = model.path("merges").iterator(); merges.hasNext(); ) {
            JsonNode merge = merges.next();
            String left;
            String right;
            if (merge.isArray()) {
                left = merge.path(0).asText();
                right = merge.path(1).asText();
            } else {
                String both = merge.asText();
                int space = both.indexOf(' ');
                left = space < 0 ? both : both.substring(0, space);
                right = space < 0 ? "" : both.substring(space + 1);
            }
            if (secretNames.containsKey(left)
                    || secretNames.containsKey(right)
                    || secretNames.containsKey(left + right)) {
                merges.remove();
            }
        }
    }
}
