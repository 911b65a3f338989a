package dev.kvasir.runner.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of a {@code tokenizer.json}: their texts, and which of them are special or control. Immutable. */
final class Vocabulary {
    private static final int MAX_TOKENS = 1 << 22;

    private @Nullable String[] texts = new String[0]; // by id; null where there is no token
    private int size;
    private final BitSet special = new BitSet();
    private final Map<String, Integer> control = new LinkedHashMap<>();
    private final TokenDecoding decoding;

    private Vocabulary(TokenDecoding decoding) {
        this.decoding = decoding;
    }

    static Vocabulary of(ObjectNode root) {
        Vocabulary vocabulary = new Vocabulary(TokenDecoding.of(root.path("decoder")));
        JsonNode vocab = root.path("model").path("vocab");
        if (vocab.isObject()) {
            for (Iterator<Map.Entry<String, JsonNode>> entries = vocab.fields(); entries.hasNext(); ) {
                Map.Entry<String, JsonNode> entry = entries.next();
                vocabulary.put(id(entry.getKey(), entry.getValue()), entry.getKey());
            }
        } else if (vocab.isArray()) {
            for (int i = 0; i < vocab.size(); i++) {
                vocabulary.put(id("model.vocab", i), vocab.get(i).path(0).asText());
            }
        } else {
            throw new ModelLoadException("tokenizer.json has no model.vocab");
        }
        for (JsonNode added : root.path("added_tokens")) {
            vocabulary.add(added);
        }
        return vocabulary;
    }

    private void add(JsonNode added) {
        String text = added.path("content").asText();
        int id = id(text, added.path("id"));
        boolean isSpecial = added.path("special").asBoolean();
        put(id, text);
        special.set(id, isSpecial);
        // Tokens of nothing but spaces are there to save tokens, not to steer.
        if (isSpecial ? !text.isEmpty() : !text.isBlank()) {
            control.put(text, id);
        }
    }

    private static int id(String text, JsonNode node) {
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new ModelLoadException("tokenizer.json gives token \"" + text + "\" no id that is a whole number");
        }
        return id(text, node.intValue());
    }

    private static int id(String text, int id) {
        if (id < 0 || id >= MAX_TOKENS) {
            throw new ModelLoadException("tokenizer.json gives token \"" + text + "\" the id " + id
                    + ", which is not from 0 to " + (MAX_TOKENS - 1));
        }
        return id;
    }

    private void put(int id, String text) {
        if (id >= texts.length) {
            texts = Arrays.copyOf(texts, Math.max(id + 1, texts.length * 2));
        }
        texts[id] = text;
        size = Math.max(size, id + 1);
    }

    /** Returns one more than the highest id. */
    int size() {
        return size;
    }

    /**
     * Returns the token's text in the vocabulary; empty if there is none, for a model's own vocabulary is often padded and may
     * give any id of it.
     */
    String textOf(int token) {
        @Nullable String text = token >= 0 && token < size ? texts[token] : null;
        return text == null ? "" : text;
    }

    boolean isSpecial(int token) {
        return token >= 0 && special.get(token);
    }

    /** Returns the ids of the special tokens, ascending. */
    List<Integer> special() {
        List<Integer> ids = new ArrayList<>();
        special.stream().forEach(ids::add);
        return ids;
    }

    /** Returns control text to id. */
    Map<String, Integer> control() {
        return control;
    }

    TokenDecoding decoding() {
        return decoding;
    }
}
