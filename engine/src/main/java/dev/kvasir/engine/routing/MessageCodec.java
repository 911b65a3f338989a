package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingMessage.Accepted;
import dev.kvasir.engine.routing.RoutingMessage.Cancel;
import dev.kvasir.engine.routing.RoutingMessage.Embedding;
import dev.kvasir.engine.routing.RoutingMessage.Ending;
import dev.kvasir.engine.routing.RoutingMessage.Finished;
import dev.kvasir.engine.routing.RoutingMessage.Prefilled;
import dev.kvasir.engine.routing.RoutingMessage.PromptLogprobs;
import dev.kvasir.engine.routing.RoutingMessage.Refusal;
import dev.kvasir.engine.routing.RoutingMessage.Refused;
import dev.kvasir.engine.routing.RoutingMessage.Running;
import dev.kvasir.engine.routing.RoutingMessage.Submit;
import dev.kvasir.engine.routing.RoutingMessage.Tokens;
import dev.kvasir.engine.routing.RoutingMessage.Wanted;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as bytes, big-endian: a kind, the attempt, and what belongs to it. A list is preceded by its length, which is compared with the bytes that
 * are there before anything is allocated. Decoding throws {@link RuntimeException}s of any kind on what is no message.
 */
final class MessageCodec {
    /** Most top log-probabilities of a token; the API gives fewer. */
    private static final int MOST_TOP = 1 << 10;

    private enum Kind {
        SUBMIT,
        ACCEPTED,
        REFUSED,
        PROMPT_LOGPROBS,
        PREFILLED,
        TOKENS,
        FINISHED,
        CANCEL,
        WANTED,
        RUNNING,
        EMBEDDING
    }

    private MessageCodec() {}

    static byte[] encode(RoutingMessage message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out, message);
        } catch (IOException e) {
            throw new UncheckedIOException("a write to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, RoutingMessage message) throws IOException {
        if (message instanceof Submit submit) {
            begin(out, Kind.SUBMIT, submit.attempt());
            RequestCodec.write(out, submit.request());
        } else if (message instanceof Accepted accepted) {
            begin(out, Kind.ACCEPTED, accepted.attempt());
        } else if (message instanceof Refused refused) {
            begin(out, Kind.REFUSED, refused.attempt());
            out.writeByte(refused.why().ordinal());
        } else if (message instanceof PromptLogprobs part) {
            begin(out, Kind.PROMPT_LOGPROBS, part.attempt());
            out.writeInt(part.first());
            writeLogprobs(out, part.logprobs());
        } else if (message instanceof Prefilled prefilled) {
            begin(out, Kind.PREFILLED, prefilled.attempt());
            CachedTokens cached = prefilled.cachedTokens();
            out.writeInt(cached.device());
            out.writeInt(cached.host());
            out.writeInt(cached.disk());
            out.writeInt(cached.remote());
            out.writeInt(prefilled.logprobs());
        } else if (message instanceof Tokens tokens) {
            begin(out, Kind.TOKENS, tokens.attempt());
            out.writeInt(tokens.first());
            RequestCodec.writeInts(out, tokens.tokens());
            writeLogprobs(out, tokens.logprobs());
        } else if (message instanceof Finished finished) {
            begin(out, Kind.FINISHED, finished.attempt());
            out.writeByte(finished.ending().ordinal());
            out.writeInt(finished.tokens());
            out.writeInt(finished.preemptions());
            out.writeLong(finished.queueNanos());
        } else if (message instanceof Embedding embedding) {
            begin(out, Kind.EMBEDDING, embedding.attempt());
            out.writeInt(embedding.values().length);
            for (float value : embedding.values()) {
                out.writeFloat(value);
            }
        } else if (message instanceof Cancel cancel) {
            begin(out, Kind.CANCEL, cancel.attempt());
        } else if (message instanceof Wanted wanted) {
            writeList(out, Kind.WANTED, wanted.attempts());
        } else if (message instanceof Running running) {
            writeList(out, Kind.RUNNING, running.attempts());
        }
    }

    private static void begin(DataOutputStream out, Kind kind, long attempt) throws IOException {
        out.writeByte(kind.ordinal());
        out.writeLong(attempt);
    }

    private static void writeList(DataOutputStream out, Kind kind, long[] attempts) throws IOException {
        out.writeByte(kind.ordinal());
        out.writeInt(attempts.length);
        for (long attempt : attempts) {
            out.writeLong(attempt);
        }
    }

    private static void writeLogprobs(DataOutputStream out, List<TokenLogprobs> all) throws IOException {
        out.writeInt(all.size());
        for (TokenLogprobs logprobs : all) {
            out.writeInt(logprobs.token());
            out.writeFloat(logprobs.logprob());
            out.writeInt(logprobs.topTokens().length);
            for (int i = 0; i < logprobs.topTokens().length; i++) {
                out.writeInt(logprobs.topTokens()[i]);
                out.writeFloat(logprobs.topLogprobs()[i]);
            }
        }
    }

    /** Reads a message and moves to its end. */
    static RoutingMessage decode(ByteBuffer from) {
        Kind kind = Kind.values()[from.get()];
        return switch (kind) {
            case SUBMIT -> new Submit(from.getLong(), RequestCodec.read(from));
            case ACCEPTED -> new Accepted(from.getLong());
            case REFUSED -> new Refused(from.getLong(), Refusal.values()[from.get()]);
            case PROMPT_LOGPROBS -> new PromptLogprobs(from.getLong(), from.getInt(), readLogprobs(from));
            case PREFILLED ->
                new Prefilled(
                        from.getLong(),
                        new CachedTokens(from.getInt(), from.getInt(), from.getInt(), from.getInt()),
                        RequestCodec.count(from.getInt(), RoutingMessage.MOST_TOKENS));
            case TOKENS ->
                new Tokens(
                        from.getLong(),
                        from.getInt(),
                        RequestCodec.readTokens(from, RoutingMessage.MOST_DELIVERED),
                        readLogprobs(from));
            case FINISHED ->
                new Finished(from.getLong(), Ending.values()[from.get()], from.getInt(), from.getInt(), from.getLong());
            case CANCEL -> new Cancel(from.getLong());
            case WANTED -> new Wanted(readList(from));
            case RUNNING -> new Running(readList(from));
            case EMBEDDING -> new Embedding(from.getLong(), readFloats(from));
        };
    }

    private static long[] readList(ByteBuffer from) {
        long[] attempts = new long[RequestCodec.length(from, RoutingMessage.MOST_LISTED, Long.BYTES)];
        for (int i = 0; i < attempts.length; i++) {
            attempts[i] = from.getLong();
        }
        return attempts;
    }

    private static float[] readFloats(ByteBuffer from) {
        float[] values = new float[RequestCodec.length(from, RoutingMessage.MOST_HIDDEN, Float.BYTES)];
        for (int i = 0; i < values.length; i++) {
            values[i] = from.getFloat();
        }
        return values;
    }

    private static List<TokenLogprobs> readLogprobs(ByteBuffer from) {
        int count = RequestCodec.length(from, RoutingMessage.MOST_DELIVERED, 12);
        List<TokenLogprobs> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int token = RequestCodec.token(from.getInt());
            float logprob = from.getFloat();
            int[] topTokens = new int[RequestCodec.length(from, MOST_TOP, 8)];
            float[] topLogprobs = new float[topTokens.length];
            for (int top = 0; top < topTokens.length; top++) {
                topTokens[top] = RequestCodec.token(from.getInt());
                topLogprobs[top] = from.getFloat();
            }
            all.add(new TokenLogprobs(token, logprob, topTokens, topLogprobs));
        }
        return all;
    }
}
