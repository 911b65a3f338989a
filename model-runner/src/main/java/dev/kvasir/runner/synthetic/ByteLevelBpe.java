package dev.kvasir.runner.synthetic;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A byte-level BPE tokenizer in Hugging Face's {@code tokenizer.json}, made from a list of words: each becomes one token while there is
 * room. Any UTF-8 text can be encoded. Ids: 256 bytes, then merges, then added tokens.
 */
public final class ByteLevelBpe {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ByteLevelBpe() {}

    /**
     * A token beside the vocabulary, found in a text before anything else.
     *
     * @param special whether it's left out of decoded text
     */
    public record AddedToken(String text, boolean special) {}

    /**
     * Returns the file's content.
     *
     * @param words what GPT-2's pre-tokenizer makes of text, such as {@code " lamp"}, the most important first
     * @param vocab at most so many tokens, added ones included
     */
    public static ObjectNode tokenizerJson(Iterable<String> words, int vocab, List<AddedToken> added) {
        BytePairs pairs = new BytePairs(alphabet());
        learn(pairs, words, vocab - added.size());
        return json(pairs, false, added);
    }

    /**
     * Returns the file's content for words that are tokens without the merges that would build them up, which a vocabulary has room for more of
     * ({@code ignore_merges}). Other text is built up by the merges of the most important words.
     *
     * @param words as above
     * @param merged at most so many tokens are there for the sake of merges
     * @param vocab at most so many tokens, added ones included
     */
    public static ObjectNode wholeWordsJson(List<String> words, int merged, int vocab, List<AddedToken> added) {
        BytePairs pairs = new BytePairs(alphabet());
        int limit = vocab - added.size();
        learn(pairs, words, Math.min(limit, pairs.size() + merged));
        for (String word : words) {
            pairs.addWhole(inAlphabet(word), limit);
        }
        return json(pairs, true, added);
    }

    private static void learn(BytePairs pairs, Iterable<String> words, int limit) {
        for (String word : words) {
            if (pairs.size() == limit) {
                return;
            }
            pairs.learn(inAlphabet(word), limit);
        }
    }

    private static ObjectNode json(BytePairs pairs, boolean ignoreMerges, List<AddedToken> added) {
        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        ArrayNode addedJson = json.putArray("added_tokens");
        for (int i = 0; i < added.size(); i++) {
            addedJson
                    .addObject()
                    .put("id", pairs.size() + i)
                    .put("content", added.get(i).text())
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", added.get(i).special());
        }
        json.putNull("normalizer");
        byteLevel(json.putObject("pre_tokenizer"), false);
        json.putNull("post_processor");
        byteLevel(json.putObject("decoder"), true);
        addModel(json, pairs)
                .put("ignore_merges", ignoreMerges)
                .putNull("unk_token")
                .put("fuse_unk", false)
                .put("byte_fallback", false);
        return json;
    }

    private static void byteLevel(ObjectNode node, boolean forDecoding) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", forDecoding)
                .put("trim_offsets", forDecoding)
                .put("use_regex", true);
    }

    /*
     * Byte-level BPE writes each byte as one printable character: printable Latin-1 bytes as themselves, the other 68 in order as U+0100
     * and on. That makes a space U+0120. Ids go by character: the printable ones first, as in GPT-2 and its descendants.
     */
    private static List<String> alphabet() {
        List<String> printable = new ArrayList<>();
        List<String> other = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            if (isPrintable(b)) {
                printable.add(Character.toString(b));
            } else {
                other.add(Character.toString(0x100 + other.size()));
            }
        }
        printable.addAll(other);
        return printable;
    }

    private static boolean isPrintable(int b) {
        return (b > ' ' && b <= '~') || (b > 0xA0 && b != 0xAD);
    }

    private static String inAlphabet(String word) {
        StringBuilder out = new StringBuilder();
        for (byte value : word.getBytes(StandardCharsets.UTF_8)) {
            int b = Byte.toUnsignedInt(value);
            if (isPrintable(b)) {
                out.append((char) b);
            } else {
                int rank = 0;
                for (int lower = 0; lower < b; lower++) {
                    rank += isPrintable(lower) ? 0 : 1;
                }
                out.append((char) (0x100 + rank));
            }
        }
        return out.toString();
    }

    /** Adds the {@code model} of a file. */
    static ObjectNode addModel(ObjectNode json, BytePairs pairs) {
        Set<String> unique = new HashSet<>(pairs.tokens());
        if (unique.size() != pairs.size()) {
            throw new IllegalStateException(pairs.size() - unique.size() + " tokens occur twice");
        }
        ObjectNode model = json.putObject("model").put("type", "BPE");
        model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("ignore_merges", false);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < pairs.size(); id++) {
            vocabulary.put(pairs.tokens().get(id), id);
        }
        pairs.mergeLines().forEach(model.putArray("merges")::add);
        return model;
    }
}
