package dev.kvasir.runner.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.synthetic.ByteLevelBpe.AddedToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer to be written: {@code tokenizer.json} in Hugging Face's format and {@code tokenizer_config.json} with a chat template. Any
 * UTF-8 text can be encoded; common and made-up words are tokens of their own. Ids:
 *
 * <pre>
 * byte-level       [0, 256) bytes        [256, vocab - 3) merges      then &lt;|endoftext|&gt; &lt;|im_start|&gt; &lt;|im_end|&gt;
 * sentence piece   &lt;unk&gt; &lt;s&gt; &lt;/s&gt;    [3, 259) byte fallback    then characters    then merges
 * </pre>
 */
public final class SyntheticTokenizer {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BYTES = 256;
    private static final int MIN_BYTE_LEVEL = 300;
    private static final int MIN_SENTENCE_PIECE = 400;
    // Words run out beyond this.
    private static final int MAX_VOCAB = 1_000_000;
    private static final String WORD_START = "\u2581";
    private static final List<String> CHAT_SPECIALS = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
    private static final List<String> SENTENCE_SPECIALS = List.of("<unk>", "<s>", "</s>");

    private final boolean byteLevel;
    private final int vocab;

    private SyntheticTokenizer(boolean byteLevel, int vocab, int min) {
        if (vocab < min || vocab > MAX_VOCAB) {
            throw new IllegalArgumentException(
                    "the vocabulary must be from " + min + " to " + MAX_VOCAB + " tokens, not " + vocab);
        }
        this.byteLevel = byteLevel;
        this.vocab = vocab;
    }

    /** Returns a byte-level BPE tokenizer with ChatML, in the manner of Qwen. */
    public static SyntheticTokenizer byteLevel(int vocab) {
        return new SyntheticTokenizer(true, vocab, MIN_BYTE_LEVEL);
    }

    /** Returns a BPE tokenizer over characters that falls back to bytes, in the manner of Llama 2. */
    public static SyntheticTokenizer sentencePiece(int vocab) {
        return new SyntheticTokenizer(false, vocab, MIN_SENTENCE_PIECE);
    }

    /** Returns how many tokens there are, special ones included. */
    public int vocab() {
        return vocab;
    }

    /** Returns the token that begins a text, if there is one. */
    public @Nullable Integer bosToken() {
        return byteLevel ? null : Integer.valueOf(1);
    }

    /** Returns the tokens that end a generation, that of a chat turn first. */
    public List<Integer> endTokens() {
        return byteLevel ? List.of(vocab - 1, vocab - 3) : List.of(2);
    }

    /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
    public void write(Path directory) throws IOException {
        JSON.writeValue(
                directory.resolve("tokenizer.json").toFile(), byteLevel ? byteLevelJson() : sentencePieceJson());
        ObjectNode config = JSON.createObjectNode();
        config.put("tokenizer_class", byteLevel ? "Qwen2Tokenizer" : "LlamaTokenizer");
        config.put("add_bos_token", !byteLevel);
        if (byteLevel) {
            config.putNull("bos_token").put("eos_token", "<|im_end|>").put("pad_token", "<|endoftext|>");
        } else {
            config.put("bos_token", "<s>").put("eos_token", "</s>").put("unk_token", "<unk>");
        }
        config.put("clean_up_tokenization_spaces", false);
        config.put("chat_template", byteLevel ? ChatTemplates.CHAT_ML : ChatTemplates.INSTRUCTIONS);
        JSON.writerWithDefaultPrettyPrinter()
                .writeValue(directory.resolve("tokenizer_config.json").toFile(), config);
    }

    private ObjectNode byteLevelJson() {
        ObjectNode json = ByteLevelBpe.tokenizerJson(
                new WordList(" "),
                vocab,
                CHAT_SPECIALS.stream().map(text -> new AddedToken(text, true)).toList());
        int made = json.path("model").path("vocab").size() + CHAT_SPECIALS.size();
        if (made != vocab) {
            throw new IllegalStateException("words ran out at " + made + " of " + vocab + " tokens");
        }
        return json;
    }

    private ObjectNode sentencePieceJson() {
        List<String> base = new ArrayList<>(SENTENCE_SPECIALS);
        for (int b = 0; b < BYTES; b++) {
            base.add(String.format("<0x%02X>", b));
        }
        base.add(WORD_START);
        for (char c = '!'; c <= '~'; c++) {
            base.add(String.valueOf(c));
        }
        BytePairs pairs = learn(base, WORD_START, vocab);

        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        addSpecials(json, SENTENCE_SPECIALS, 0);
        ObjectNode normalizer = json.putObject("normalizer").put("type", "Sequence");
        normalizer
                .putArray("normalizers")
                .add(JSON.createObjectNode().put("type", "Prepend").put("prepend", WORD_START))
                .add(replace(" ", WORD_START));
        json.putNull("pre_tokenizer");
        json.set("post_processor", beginWithBos());
        ObjectNode decoder = json.putObject("decoder").put("type", "Sequence");
        decoder.putArray("decoders")
                .add(replace(WORD_START, " "))
                .add(JSON.createObjectNode().put("type", "ByteFallback"))
                .add(JSON.createObjectNode().put("type", "Fuse"))
                .add(JSON.createObjectNode()
                        .put("type", "Strip")
                        .put("content", " ")
                        .put("start", 1)
                        .put("stop", 0));
        ObjectNode model = ByteLevelBpe.addModel(json, pairs);
        model.put("unk_token", "<unk>").put("fuse_unk", true).put("byte_fallback", true);
        return json;
    }

    private static BytePairs learn(List<String> base, String space, int limit) {
        BytePairs pairs = new BytePairs(base);
        for (String word : new WordList(space)) {
            if (pairs.size() == limit) {
                return pairs;
            }
            pairs.learn(word, limit);
        }
        throw new IllegalStateException("words ran out at " + pairs.size() + " of " + limit + " tokens");
    }

    private static void addSpecials(ObjectNode json, List<String> specials, int firstId) {
        json.putNull("truncation").putNull("padding");
        var added = json.putArray("added_tokens");
        for (int i = 0; i < specials.size(); i++) {
            added.addObject()
                    .put("id", firstId + i)
                    .put("content", specials.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
    }

    private static ObjectNode replace(String pattern, String content) {
        ObjectNode replace = JSON.createObjectNode().put("type", "Replace");
        replace.putObject("pattern").put("String", pattern);
        return replace.put("content", content);
    }

    private static ObjectNode beginWithBos() {
        ObjectNode template = JSON.createObjectNode().put("type", "TemplateProcessing");
        template.putArray("single").add(specialPiece(0)).add(textPiece("A", 0));
        template.putArray("pair")
                .add(specialPiece(0))
                .add(textPiece("A", 0))
                .add(specialPiece(1))
                .add(textPiece("B", 1));
        ObjectNode bos = template.putObject("special_tokens").putObject("<s>").put("id", "<s>");
        bos.putArray("ids").add(1);
        bos.putArray("tokens").add("<s>");
        return template;
    }

    private static ObjectNode specialPiece(int type) {
        ObjectNode piece = JSON.createObjectNode();
        piece.putObject("SpecialToken").put("id", "<s>").put("type_id", type);
        return piece;
    }

    private static ObjectNode textPiece(String id, int type) {
        ObjectNode piece = JSON.createObjectNode();
        piece.putObject("Sequence").put("id", id).put("type_id", type);
        return piece;
    }
}
