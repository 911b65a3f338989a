package dev.kvasir.engine.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** A TCP relay that stands between two nodes: it passes bytes on, keeps copies, alters, stops and cuts. */
final class Relay implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final List<Socket> clientSides = new ArrayList<>();
    private final List<Socket> serverSides = new ArrayList<>();
    private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream();
    private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
    private UnaryOperator<byte[]> alteration = bytes -> bytes; // of what the client says
    private boolean frozen;
    private boolean closed;

    Relay(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private static void start(Runnable what) {
        Thread thread = new Thread(what, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
                synchronized (this) {
                    clientSides.add(client);
                    serverSides.add(there);
                }
                start(() -> pump(client, there, fromClient, true));
                start(() -> pump(there, client, fromServer, false));
            }
        } catch (IOException e) {
            close();
        }
    }

    private void pump(Socket from, Socket to, ByteArrayOutputStream copy, boolean isClient) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(pass(Arrays.copyOf(buffer, count), copy, isClient));
            }
            to.close();
        } catch (IOException e) {
            closeQuietly(to);
        }
    }

    private synchronized byte[] pass(byte[] bytes, ByteArrayOutputStream copy, boolean isClient) throws IOException {
        while (frozen && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        copy.writeBytes(bytes);
        return isClient ? alteration.apply(bytes) : bytes;
    }

    /** Has what clients say altered from now on. */
    synchronized void alter(UnaryOperator<byte[]> alteration) {
        this.alteration = alteration;
    }

    synchronized byte[] fromClient() {
        return fromClient.toByteArray();
    }

    synchronized byte[] fromServer() {
        return fromServer.toByteArray();
    }

    /** Passes nothing on until it's told to go on; connections stay, and new ones are taken. */
    synchronized void freeze() {
        frozen = true;
    }

    synchronized void thaw() {
        frozen = false;
        notifyAll();
    }

    /** Cuts all connections that there are. */
    synchronized void cut() {
        cutFromClients();
        serverSides.forEach(Relay::closeQuietly);
        serverSides.clear();
    }

    /** Cuts all connections on the clients' side; the server hears nothing of it, for it's frozen. */
    synchronized void cutFromClients() {
        clientSides.forEach(Relay::closeQuietly);
        clientSides.clear();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        cut();
        try {
            server.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
