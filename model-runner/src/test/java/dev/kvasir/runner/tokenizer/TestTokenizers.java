package dev.kvasir.runner.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small tokenizers of the two common kinds, complete enough to encode any text. */
final class TestTokenizers {
    private static final ObjectMapper JSON = new ObjectMapper();

    static final List<String> CHAT_SPECIALS = List.of(
            "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<a>", "<a><b>", "><", "☃", "☃☃!", "<｜User｜>", "<keep>");
    static final List<String> CHAT_OTHERS = List.of("<tool_call>", "</tool_call>", "<think>", "   ");

    private TestTokenizers() {}

    /** Byte-level BPE with the chat tokens of the fashion, some overlapping, one a single character. */
    static ObjectNode byteLevel() {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        ObjectNode vocab = JSON.createObjectNode();
        for (int b = 0; b < 256; b++) {
            vocab.put(String.valueOf(ByteAlphabet.charOf((byte) b)), vocab.size());
        }
        ArrayNode merges = JSON.createArrayNode();
        // The last three would build a control text that is in the vocabulary from plain characters.
        for (String merge : List.of(
                "h e", "l l", "he ll", "hell o", "Ġ w", "Ġ hello", "i m", "_ e", "Ã ©", "ð Ł", "Ġ Ġ", "< k", "e e",
                "ee p", "<k eep", "<keep >")) {
            String[] parts = merge.split(" ", -1);
            merges.add(JSON.createArrayNode().add(parts[0]).add(parts[1]));
            vocab.put(parts[0] + parts[1], vocab.size());
        }
        ArrayNode added = JSON.createArrayNode();
        int next = vocab.size();
        for (String text : CHAT_SPECIALS) {
            int id = vocab.has(text) ? vocab.get(text).intValue() : next++;
            added.add(added(id, text, true));
        }
        for (String text : CHAT_OTHERS) {
            added.add(added(next++, text, false));
        }
        ObjectNode byteLevel = JSON.createObjectNode()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", true);
        root.putNull("truncation").putNull("padding");
        root.set("added_tokens", added);
        root.set("normalizer", JSON.createObjectNode().put("type", "NFC"));
        root.set("pre_tokenizer", byteLevel);
        root.set("post_processor", byteLevel.deepCopy());
        root.set("decoder", byteLevel.deepCopy());
        root.set("model", bpe(vocab, merges, false));
        return root;
    }

    /** SentencePiece BPE with byte fallback, in the older form: the normaliser puts U+2581 before each section. */
    static ObjectNode byteFallback() {
        ObjectNode root = sentencePiece();
        ObjectNode normalizer = root.putObject("normalizer").put("type", "Sequence");
        ArrayNode normalizers = normalizer.putArray("normalizers");
        normalizers.addObject().put("type", "Prepend").put("prepend", "▁");
        normalizers
                .addObject()
                .put("type", "Replace")
                .put("content", "▁")
                .putObject("pattern")
                .put("String", " ");
        root.putNull("pre_tokenizer");
        ObjectNode decoder = root.putObject("decoder").put("type", "Sequence");
        ArrayNode decoders = decoder.putArray("decoders");
        decoders.addObject()
                .put("type", "Replace")
                .put("content", " ")
                .putObject("pattern")
                .put("String", "▁");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        decoders.addObject()
                .put("type", "Strip")
                .put("content", " ")
                .put("start", 1)
                .put("stop", 0);
        return root;
    }

    /** The same in the newer form: only the first section of a text gets U+2581. */
    static ObjectNode metaspace() {
        ObjectNode root = sentencePiece();
        ObjectNode metaspace = JSON.createObjectNode()
                .put("type", "Metaspace")
                .put("replacement", "▁")
                .put("prepend_scheme", "first")
                .put("split", false);
        root.putNull("normalizer");
        root.set("pre_tokenizer", metaspace);
        ObjectNode decoder = root.putObject("decoder").put("type", "Sequence");
        ArrayNode decoders = decoder.putArray("decoders");
        decoders.addObject().put("type", "ByteFallback");
        decoders.add(metaspace.deepCopy());
        return root;
    }

    private static ObjectNode sentencePiece() {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        ObjectNode vocab = JSON.createObjectNode();
        for (String text : List.of("<unk>", "<s>", "</s>")) {
            vocab.put(text, vocab.size());
        }
        for (int b = 0; b < 256; b++) {
            vocab.put(String.format("<0x%02X>", b), vocab.size());
        }
        for (char c = ' ' + 1; c < 127; c++) {
            vocab.put(String.valueOf(c), vocab.size());
        }
        for (String text : List.of("▁", "é", "日", "𝄞")) {
            vocab.put(text, vocab.size());
        }
        ArrayNode merges = JSON.createArrayNode();
        for (String merge : List.of("▁ h", "e l", "l o", "▁h el", "▁hel lo", "▁ ▁", "▁ s", "s >")) {
            vocab.put(merge.replace(" ", ""), vocab.size());
            merges.add(merge);
        }
        root.putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        added.add(added(0, "<unk>", true));
        added.add(added(1, "<s>", true));
        added.add(added(2, "</s>", true));
        added.add(added(vocab.size(), "[INST]", true));
        added.add(added(vocab.size() + 1, "[/INST]", false));
        ObjectNode post = root.putObject("post_processor").put("type", "TemplateProcessing");
        ArrayNode single = post.putArray("single");
        single.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        post.putArray("pair").addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        ObjectNode bos = post.putObject("special_tokens").putObject("<s>").put("id", "<s>");
        bos.putArray("ids").add(1);
        bos.putArray("tokens").add("<s>");
        root.set("model", bpe(vocab, merges, true));
        return root;
    }

    private static ObjectNode bpe(ObjectNode vocab, ArrayNode merges, boolean fallback) {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        model.putNull("dropout");
        if (fallback) {
            model.put("unk_token", "<unk>");
        } else {
            model.putNull("unk_token");
        }
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", fallback).put("byte_fallback", fallback).put("ignore_merges", !fallback);
        model.set("vocab", vocab);
        model.set("merges", merges);
        return model;
    }

    static ObjectNode added(int id, String text, boolean special) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", text)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }

    static HfTokenizer load(Path directory, ObjectNode tokenizer) throws IOException {
        Files.write(directory.resolve("tokenizer.json"), tokenizer.toString().getBytes(StandardCharsets.UTF_8));
        return HfTokenizer.load(directory);
    }
}
