package dev.kvasir.runner.tokenizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.TextDecoder;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.checkpoint.JsonFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The tokenizer of a Hugging Face model directory, from its {@code tokenizer.json}. */
public final class HfTokenizer implements Tokenizer {
    private static final int MAX_FILE_BYTES = 256 << 20;
    private static final byte[] NO_BYTES = {};

    private final Vocabulary vocabulary;
    private final Set<Integer> specialTokens;
    private final NativeTokenizer tokenizer;
    private final GuardedTokenizer guarded;

    private HfTokenizer(Vocabulary vocabulary, NativeTokenizer tokenizer, GuardedTokenizer guarded) {
        this.vocabulary = vocabulary;
        this.specialTokens = Collections.unmodifiableSet(new LinkedHashSet<>(vocabulary.special()));
        this.tokenizer = tokenizer;
        this.guarded = guarded;
    }

    /**
     * Loads the tokenizer of a model directory. Truncation and padding that the file may ask for are ignored.
     *
     * @throws ModelLoadException if {@code tokenizer.json} is missing, damaged or of an unknown kind
     */
    public static HfTokenizer load(Path directory) {
        String json = JsonFile.readText(directory.resolve("tokenizer.json"), MAX_FILE_BYTES);
        ObjectNode root = JsonFile.parseLenient(json, "tokenizer.json");
        Vocabulary vocabulary = Vocabulary.of(root);
        if (root.hasNonNull("truncation") || root.hasNonNull("padding")) {
            root.putNull("truncation");
            root.putNull("padding");
            json = root.toString();
        }
        NativeTokenizer tokenizer = new NativeTokenizer(json);
        try {
            checkControl(vocabulary, tokenizer);
            return new HfTokenizer(
                    vocabulary,
                    tokenizer,
                    new GuardedTokenizer(root, vocabulary.control().keySet()));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    /** An added token that doesn't get the id that the file gives it would steer the model with another token. */
    private static void checkControl(Vocabulary vocabulary, NativeTokenizer tokenizer) {
        for (Map.Entry<String, Integer> control : vocabulary.control().entrySet()) {
            int[] ids = tokenizer.encode(control.getKey(), false);
            if (ids.length != 1 || ids[0] != control.getValue()) {
                throw new ModelLoadException("tokenizer.json gives the added token \"" + control.getKey() + "\" the id "
                        + control.getValue() + ", but it is encoded as " + Arrays.toString(ids));
            }
        }
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        return tokenizer.encode(text, addSpecialTokens);
    }

    @Override
    public int[] encodePrompt(String prompt, char marker) {
        return prompt.indexOf(marker) < 0 ? tokenizer.encode(prompt, false) : guarded.encode(prompt, marker);
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return new StreamDecoder(vocabulary, skipSpecialTokens, true).decode(ids);
    }

    @Override
    public byte[] bytesOf(int token) {
        return vocabulary.isSpecial(token) ? NO_BYTES : vocabulary.decoding().bytesOf(vocabulary.textOf(token));
    }

    @Override
    public String textOf(int token) {
        return vocabulary.textOf(token);
    }

    @Override
    public int vocab() {
        return vocabulary.size();
    }

    @Override
    public Set<Integer> specialTokens() {
        return specialTokens;
    }

    /** Returns the texts of special tokens and of other added tokens, such as {@code <tool_call>}, that steer a chat. */
    @Override
    public Set<String> specialTexts() {
        return Collections.unmodifiableSet(vocabulary.control().keySet());
    }

    @Override
    public TextDecoder streamDecoder(boolean skipSpecialTokens) {
        return new StreamDecoder(vocabulary, skipSpecialTokens, false);
    }

    @Override
    public TextDecoder streamDecoder(Set<Integer> shown) {
        return new StreamDecoder(vocabulary, true, false, shown);
    }

    @Override
    public void close() {
        tokenizer.close();
        guarded.close();
    }

    /** For tests: what the native library makes of ids. */
    String nativeDecode(int[] ids, boolean skipSpecialTokens) {
        return tokenizer.decode(ids, skipSpecialTokens);
    }

    /** For tests: the guarded way, whether the prompt has a marker or not. */
    int[] encodeGuarded(String prompt, char marker) {
        return guarded.encode(prompt, marker);
    }
}
