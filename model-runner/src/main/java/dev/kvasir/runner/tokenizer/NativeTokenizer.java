package dev.kvasir.runner.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.kvasir.runner.ModelLoadException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A tokenizer of the native library. Thread-safe.
 *
 * <p>It is driven below DJL's own wrapper, which truncates and pads by default, computes seven arrays per call that nobody needs
 * and reports its use over the network.
 */
final class NativeTokenizer implements AutoCloseable {
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final long handle;
    private boolean closed;

    /** Builds a tokenizer from the JSON of a {@code tokenizer.json} without truncation and padding. */
    NativeTokenizer(String json) {
        try {
            LibUtils.checkStatus();
            handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
        } catch (RuntimeException e) {
            throw new ModelLoadException("tokenizer.json can't be loaded: " + e.getMessage(), e);
        }
    }

    int[] encode(String text, boolean addSpecialTokens) {
        lock.readLock().lock();
        try {
            checkOpen();
            long encoding = TokenizersLibrary.LIB.encode(handle, wellFormed(text), addSpecialTokens);
            try {
                long[] ids = TokenizersLibrary.LIB.getTokenIds(encoding);
                int[] tokens = new int[ids.length];
                for (int i = 0; i < ids.length; i++) {
                    tokens[i] = (int) ids[i];
                }
                return tokens;
            } finally {
                TokenizersLibrary.LIB.deleteEncoding(encoding);
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Decodes as the native library does: what the tests hold this package's own decoding against. */
    String decode(int[] ids, boolean skipSpecialTokens) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            wide[i] = ids[i];
        }
        lock.readLock().lock();
        try {
            checkOpen();
            return TokenizersLibrary.LIB.decode(handle, wide, skipSpecialTokens);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                TokenizersLibrary.LIB.deleteTokenizer(handle);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the tokenizer is closed");
        }
    }

    /** Half of a surrogate pair has no UTF-8: it becomes U+FFFD here, before native code makes three of it. */
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return replaceLoneSurrogates(text);
            }
        }
        return text;
    }

    private static String replaceLoneSurrogates(String text) {
        StringBuilder result = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? Utf8Assembler.REPLACEMENT : c)
                .forEach(result::appendCodePoint);
        return result.toString();
    }
}
