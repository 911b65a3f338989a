package dev.kvasir.engine.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Sends bytes over a connection of its own and reads what comes until the end. */
final class RawClient {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int MOST_BYTES = 64 << 20;

    private final int port;

    RawClient(int port) {
        this.port = port;
    }

    /**
     * What came.
     *
     * @param status 0 if the server closed without a word
     */
    record Answer(int status, String head, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        boolean isJson() {
            return head.toLowerCase(Locale.ROOT).contains("content-type: application/json");
        }

        boolean isStream() {
            return head.toLowerCase(Locale.ROOT).contains("content-type: text/event-stream");
        }
    }

    /**
     * Sends a request and reads the answer.
     *
     * @param halfCloses whether the server sees that nothing more comes; else it must lose its patience with what isn't whole
     * @throws SocketTimeoutException if the server says nothing for a long time
     */
    Answer ask(byte[] request, boolean halfCloses) throws IOException {
        try (Socket socket = connect()) {
            send(socket, request);
            if (halfCloses) {
                halfClose(socket);
            }
            return read(socket.getInputStream(), request.length > 0 && request[0] == 'G');
        }
    }

    /** Sends the first bytes of a request, reads some of the answer perhaps, and leaves. */
    void leave(byte[] request, int sent, int read) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoLinger(true, 0);
            OutputStream out = socket.getOutputStream();
            out.write(request, 0, sent);
            out.flush();
            if (sent == request.length && read > 0) {
                socket.getInputStream().readNBytes(read);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // The server was faster.
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return socket;
    }

    private static void send(Socket socket, byte[] request) {
        try {
            OutputStream out = socket.getOutputStream();
            out.write(request);
            out.flush();
        } catch (IOException e) {
            // It was refused before it was whole; the answer may be there.
        }
    }

    private static void halfClose(Socket socket) {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            // The server was faster.
        }
    }

    /** @param leavesStreams whether it has seen enough of a stream when that begins: those that are only watched never end */
    private static Answer read(InputStream in, boolean leavesStreams) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] chunk = new byte[8192];
        try {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                all.write(chunk, 0, n);
                if (leavesStreams && all.toString(StandardCharsets.ISO_8859_1).contains("text/event-stream")) {
                    break;
                }
                if (all.size() > MOST_BYTES) {
                    throw new AssertionError("an answer of more than " + MOST_BYTES + " bytes");
                }
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Reset: what came before counts.
        }
        return parse(all.toByteArray());
    }

    private static Answer parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0 || !text.startsWith("HTTP/1.")) {
            return new Answer(0, text, new byte[0]);
        }
        String head = text.substring(0, end);
        int status = Integer.parseInt(head.substring(9, 12));
        if (status == 100) {
            return parse(java.util.Arrays.copyOfRange(bytes, end + 4, bytes.length));
        }
        byte[] body = java.util.Arrays.copyOfRange(bytes, end + 4, bytes.length);
        boolean chunked = head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked");
        return new Answer(status, head, chunked ? unchunked(body) : body);
    }

    private static byte[] unchunked(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = 0;
        while (at < body.length) {
            int end = at;
            while (end < body.length && body[end] != '\r') {
                end++;
            }
            int length;
            try {
                length = Integer.parseInt(new String(body, at, end - at, StandardCharsets.US_ASCII), 16);
            } catch (NumberFormatException e) {
                break;
            }
            if (length == 0 || end + 2 + length > body.length) {
                break;
            }
            out.write(body, end + 2, length);
            at = end + 2 + length + 2;
        }
        return out.toByteArray();
    }
}
