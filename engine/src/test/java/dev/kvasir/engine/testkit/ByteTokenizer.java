package dev.kvasir.engine.testkit;

import dev.kvasir.runner.TextDecoder;
import dev.kvasir.runner.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** One token per byte, and four special ones. */
public final class ByteTokenizer implements Tokenizer {
    public static final int BEGIN = 256;
    public static final int END = 257;
    public static final int TURN = 258;
    public static final int TURN_END = 259;
    public static final int VOCAB = 260;

    private static final List<String> SPECIAL = List.of("<s>", "</s>", "<|im_start|>", "<|im_end|>");

    private volatile Runnable onEncode = () -> {};

    /** Has {@code action} run on whatever thread encodes. */
    public void onEncode(Runnable action) {
        onEncode = action;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        onEncode.run();
        IntStream begin = addSpecialTokens ? IntStream.of(BEGIN) : IntStream.empty();
        return IntStream.concat(begin, tokens(text)).toArray();
    }

    @Override
    public int[] encodePrompt(String prompt, char marker) {
        onEncode.run();
        // Broken special tokens aren't found, and the marker goes byte by byte.
        byte[] mark = String.valueOf(marker).getBytes(StandardCharsets.UTF_8);
        int[] ids = tokens(prompt).toArray();
        IntStream.Builder kept = IntStream.builder();
        for (int i = 0; i < ids.length; i++) {
            if (i + 2 < ids.length
                    && ids[i] == (mark[0] & 0xff)
                    && ids[i + 1] == (mark[1] & 0xff)
                    && ids[i + 2] == (mark[2] & 0xff)) {
                i += 2;
            } else {
                kept.add(ids[i]);
            }
        }
        return kept.build().toArray();
    }

    private static IntStream tokens(String text) {
        IntStream.Builder ids = IntStream.builder();
        int from = 0;
        for (int i = 0; i < text.length(); ) {
            int special = specialAt(text, i);
            if (special < 0) {
                i++;
                continue;
            }
            bytes(text.substring(from, i), ids);
            ids.add(BEGIN + special);
            i += SPECIAL.get(special).length();
            from = i;
        }
        bytes(text.substring(from), ids);
        return ids.build();
    }

    private static int specialAt(String text, int at) {
        for (int i = 0; i < SPECIAL.size(); i++) {
            if (text.startsWith(SPECIAL.get(i), at)) {
                return i;
            }
        }
        return -1;
    }

    private static void bytes(String text, IntStream.Builder ids) {
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            ids.add(b & 0xff);
        }
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        TextDecoder decoder = streamDecoder(skipSpecialTokens);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.next(id));
        }
        return text.append(decoder.finish()).toString();
    }

    @Override
    public byte[] bytesOf(int token) {
        return token < BEGIN ? new byte[] {(byte) token} : new byte[0];
    }

    @Override
    public String textOf(int token) {
        return token < BEGIN ? new String(bytesOf(token), StandardCharsets.ISO_8859_1) : SPECIAL.get(token - BEGIN);
    }

    @Override
    public int vocab() {
        return VOCAB;
    }

    @Override
    public Set<Integer> specialTokens() {
        return Set.of(BEGIN, END, TURN, TURN_END);
    }

    @Override
    public Set<String> specialTexts() {
        return Set.copyOf(SPECIAL);
    }

    @Override
    public TextDecoder streamDecoder(boolean skipSpecialTokens) {
        return new TextDecoder() {
            private final CharsetDecoder utf8 = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE);
            private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

            @Override
            public String next(int token) {
                if (token >= BEGIN) {
                    return skipSpecialTokens ? "" : decode(true) + textOf(token);
                }
                pending.write(token);
                return decode(false);
            }

            @Override
            public String finish() {
                return decode(true);
            }

            private String decode(boolean end) {
                ByteBuffer in = ByteBuffer.wrap(pending.toByteArray());
                CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
                utf8.reset();
                utf8.decode(in, out, end);
                pending.reset();
                while (in.hasRemaining()) {
                    pending.write(in.get());
                }
                return out.flip().toString();
            }
        };
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
