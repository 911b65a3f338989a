package dev.kvasir.engine.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process on a host through which all goes that the host's node says to others over connections that it has opened: it passes bytes on, at once or some time
 * later. Bytes stay in order, and a connection's end comes behind its bytes.
 *
 * <pre>
 *   node --connect other:port--> (nft sends it to) relay --connect other:port, from the relay's own address--> other node
 * </pre>
 */
final class Relay {
    /** So much may be on its way in one direction of a connection; then its sender waits. */
    private static final int CHUNKS = 64;

    private static final int CHUNK_BYTES = 1 << 16;
    private static final int CONNECT_MILLIS = 3000;

    private static volatile long delayNanos;
    private static final AtomicLong late = new AtomicLong(); // chunks that waited

    private Relay() {}

    /**
     * Relays until its input ends; each line of that is a delay in milliseconds, and is answered by the count of what was delayed so far.
     *
     * @param arguments the address to connect from, that to listen on, and {@code port=address:port} each
     */
    public static void main(String[] arguments) throws IOException {
        InetAddress from = InetAddress.getByName(arguments[0]);
        InetAddress here = InetAddress.getByName(arguments[1]);
        for (String route : Arrays.asList(arguments).subList(2, arguments.length)) {
            String[] parts = route.split("[=:]");
            ServerSocket server = new ServerSocket(Integer.parseInt(parts[0]), 50, here);
            InetSocketAddress to = new InetSocketAddress(parts[1], Integer.parseInt(parts[2]));
            start(() -> accept(server, from, to));
        }
        System.out.println("ready");
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            delayNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(order));
            System.out.println(late.get());
        }
        System.exit(0);
    }

    private static void start(Runnable what) {
        Thread thread = new Thread(what, "relay");
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept(ServerSocket server, InetAddress from, InetSocketAddress to) {
        while (true) {
            try {
                Socket near = server.accept();
                start(() -> connect(near, from, to));
            } catch (IOException e) {
                throw new IllegalStateException("can't accept", e);
            }
        }
    }

    private static void connect(Socket near, InetAddress from, InetSocketAddress to) {
        Socket far = new Socket();
        try {
            far.bind(new InetSocketAddress(from, 0));
            far.connect(to, CONNECT_MILLIS);
            near.setTcpNoDelay(true);
            far.setTcpNoDelay(true);
            new Direction(near, far).start();
            new Direction(far, near).start();
        } catch (IOException e) {
            close(near);
            close(far);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("can't close", e);
        }
    }

    /** Bytes and when they are to arrive; none for the end. */
    private record Chunk(byte[] bytes, long dueNanos) {}

    /** One direction of a connection: what comes waits until it's due. */
    private static final class Direction {
        private final Socket from;
        private final Socket to;
        private final BlockingQueue<Chunk> underway = new LinkedBlockingQueue<>(CHUNKS);

        Direction(Socket from, Socket to) {
            this.from = from;
            this.to = to;
        }

        void start() {
            Relay.start(this::read);
            Relay.start(this::write);
        }

        private void put(byte[] bytes) throws InterruptedException {
            underway.put(new Chunk(bytes, System.nanoTime() + delayNanos));
        }

        private void read() {
            byte[] buffer = new byte[CHUNK_BYTES];
            try {
                try {
                    for (int count = from.getInputStream().read(buffer);
                            count >= 0;
                            count = from.getInputStream().read(buffer)) {
                        put(Arrays.copyOf(buffer, count));
                    }
                } catch (IOException e) {
                    // A reset ends it as an end does.
                }
                put(new byte[0]);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void write() {
            try {
                for (Chunk next = underway.take(); next.bytes().length > 0; next = underway.take()) {
                    if (next.dueNanos() > System.nanoTime()) {
                        late.incrementAndGet();
                    }
                    for (long left = next.dueNanos() - System.nanoTime();
                            left > 0;
                            left = next.dueNanos() - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    to.getOutputStream().write(next.bytes());
                }
            } catch (IOException e) {
                // Who was to read is gone: so is the connection.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            close(to);
            close(from);
            underway.clear(); // a reader that waits for room goes on, and finds the socket closed
        }
    }
}
