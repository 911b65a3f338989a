package dev.kvasir.engine.streams;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks one question, in the way that it has, and says whether what came is right. */
final class StreamClient {
    /** How a client behaves. */
    enum Manner {
        /** Reads as it comes. */
        STEADY,
        /** Stops reading now and then, with receive buffers so small that the server feels it. */
        STALLS,
        /** Leaves in the middle of the answer, and asks again. */
        LEAVES,
        /** Leaves before the answer has begun, and asks again. */
        LEAVES_AT_ONCE
    }

    private static final int PATIENCE_MILLIS = 120_000;

    private final int port;
    private final Manner manner;
    private final SplittableRandom random;
    private final String prompt;
    private final List<Long> gapsNanos = new ArrayList<>();
    private int cachedTokens;
    private int tokens;

    StreamClient(int port, Manner manner, SplittableRandom random) {
        this.port = port;
        this.manner = manner;
        this.random = random;
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(150, 250); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        prompt = text.toString();
    }

    Manner manner() {
        return manner;
    }

    /** Returns the times between two events, of a steady client. */
    List<Long> gapsNanos() {
        return gapsNanos;
    }

    /** Returns how many tokens came, those that were left included. */
    int tokens() {
        return tokens;
    }

    /** Asks, and asks again if it has left. Returns what is wrong, or nothing. */
    String run() {
        try {
            if (manner == Manner.LEAVES || manner == Manner.LEAVES_AT_ONCE) {
                ask(manner == Manner.LEAVES ? random.nextInt(1, 100) : 0);
            }
            String said = ask(Integer.MAX_VALUE);
            if (!said.equals(prompt)) {
                return manner + " got " + said + " for " + prompt;
            }
            if (manner == Manner.LEAVES && cachedTokens == 0) {
                return "the one who came back found nothing of what was computed before";
            }
            return "";
        } catch (IOException | RuntimeException e) {
            return manner + ": " + e;
        }
    }

    /** Asks, and leaves after so many events. */
    private String ask(int most) throws IOException {
        try (Socket socket = new Socket()) {
            if (manner == Manner.STALLS) {
                socket.setReceiveBufferSize(8 * 1024);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            String logprobs = manner == Manner.STALLS ? ",\"logprobs\":20" : "";
            String body = "{\"model\":\"parrot\",\"prompt\":\"" + prompt + "\",\"max_tokens\":" + prompt.length()
                    + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" + logprobs + "}";
            socket.getOutputStream()
                    .write(("POST /v1/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
                                    + "content-type: application/json\r\ncontent-length: " + body.length() + "\r\n\r\n"
                                    + body)
                            .getBytes(StandardCharsets.US_ASCII));
            if (most == 0) {
                socket.setSoLinger(true, 0);
                return "";
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1024);
            String said = read(in, most);
            if (most < Integer.MAX_VALUE) {
                socket.setSoLinger(true, 0);
            }
            return said;
        }
    }

    /** Every event is a line in a chunk of its own, so lines tell them apart from the chunks' lengths. */
    private String read(BufferedReader in, int most) throws IOException {
        StringBuilder said = new StringBuilder();
        long last = 0;
        int events = 0;
        String ended = "";
        for (String line = in.readLine(); line != null && events < most; line = in.readLine()) {
            if (!line.startsWith("data: ")) {
                if (line.startsWith("HTTP/") && !line.contains(" 200 ")) {
                    throw new IOException(line);
                }
                continue;
            }
            if (line.equals("data: [DONE]")) {
                return ended.equals("length") ? said.toString() : "an answer that ended by " + ended;
            }
            long now = System.nanoTime();
            JsonNode event = TestServer.json(line.substring("data: ".length()));
            if (event.has("error")) {
                throw new IOException(event.toString());
            }
            JsonNode choice = event.path("choices").path(0);
            if (!choice.path("text").asText().isEmpty()) {
                if (manner == Manner.STEADY && last != 0) {
                    gapsNanos.add(now - last);
                }
                last = now;
                events++;
                tokens++;
                said.append(choice.path("text").asText());
                if (manner == Manner.STALLS && random.nextInt(60) == 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(100, 800)));
                }
            }
            ended = choice.path("finish_reason").asText(ended).equals("null")
                    ? ended
                    : choice.path("finish_reason").asText(ended);
            if (event.hasNonNull("usage")) {
                cachedTokens = event.path("usage")
                        .path("prompt_tokens_details")
                        .path("cached_tokens")
                        .asInt();
            }
        }
        return said.toString();
    }
}
