package dev.kvasir.engine.wire;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A node that speaks the protocol over a plain socket and does only what a test tells it to. It connects to a lower number. */
final class RawPeer implements AutoCloseable {

    final Socket socket;
    final DataInputStream in;
    private final Handshake.Initiator handshake;
    private long sequence;
    private RecordCipher cipher;

    RawPeer(int port, int self, int peer, byte[] secret, byte[] nonce) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        handshake = new Handshake.Initiator(new Credentials(secret, TestNode.IDENTITY), self, peer, nonce);
    }

    /** Does the handshake. */
    void authenticate() throws IOException, RefusedException {
        in.readFully(new byte[Handshake.PREAMBLE_BYTES]);
        socket.getOutputStream().write(handshake.hello());
        byte[] challenge = new byte[handshake.expected()];
        in.readFully(challenge);
        socket.getOutputStream().write(handshake.onMessage(challenge));
        cipher = new RecordCipher(handshake.session().sendKey());
    }

    /** Sends a record under the right key and number, whatever its header says. */
    void send(int kind, int remaining, byte[] text) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(text.length + RecordHeader.OVERHEAD);
        cipher.seal(new RecordHeader(kind, text.length, remaining, sequence++), ByteBuffer.wrap(text), to);
        socket.getOutputStream().write(to.array());
    }

    void send(ControlMessage message) throws IOException {
        byte[] text = TestNode.bytes(message.encode());
        send(RecordHeader.CONTROL, text.length, text);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
